// How a row of the httpbin tables is written: a request, and what its result must contain.
import { expect } from '@jest/globals';

/** `{origin}` and `{elsewhere}` in paths and in `finalUrl` are the two origins of httpbin. */
export type Row = readonly [path: string, expected: object, request?: object];

export const any = (type: unknown): object => expect.any(type);
export const objectContaining = (members: Record<string, unknown>): object =>
  expect.objectContaining(members);
export const stringContaining = (part: string): unknown => expect.stringContaining(part);
export const stringMatching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

export const succeeded = (body: object, more: object = {}): object => ({
  outcome: 'succeeded',
  status: 200,
  body,
  ...more,
});

/** JSON of 200 that is `value`. */
export const json = (value: unknown): object => succeeded({ json: value, contentType: 'application/json' });

export const text = (value: unknown): object => succeeded({ text: value });

/** Answered, with a status that is not accepted. */
export const refused = (status: number, more: object = {}): object => ({
  outcome: 'failed',
  status,
  failure: { code: 'http_status' },
  ...more,
});

export const failed = (code: string): object => ({ outcome: 'failed', failure: { code } });

/** Headers that are among those of a result. */
export const headers = (fields: Record<string, unknown>): object => ({ headers: objectContaining(fields) });

export const hops = (...statuses: number[]): unknown =>
  statuses.map((status) => objectContaining({ status }));

export const base64 = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('base64');
