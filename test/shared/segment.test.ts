import { expect, test } from '@jest/globals';
import type { StoredResult } from '../../shared/result.ts';
import { hasOutcome, packSegment, unpackSegment } from '../../shared/segment.ts';
import { failed, succeeded } from '../support/batches.ts';

const through = async (...results: StoredResult[]): Promise<StoredResult[]> =>
  unpackSegment(await packSegment(results));

test('gives back every result as it was', async () => {
  const rich: StoredResult = {
    ...succeeded(3, 9),
    id: 'ü',
    headers: ['set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-empty', '', 'x-latin', 'caf\u00e9'],
    body: { ref: '0/3-00', wireBytes: 99_999, bytes: 1_000_000, truncated: true },
    finalUrl: 'http://127.0.0.1:1/b',
    redirects: [{ url: 'http://127.0.0.1:1/3', status: 302 }],
    connection: { reused: true, policy: 'reuse', remoteAddress: '127.0.0.1', protocol: 'http/1.1' },
    attempts: [
      { startedAt: 1, waitMs: 0, totalMs: 2, failure: { code: 'timed_out', message: 'slow' } },
      { startedAt: 5, waitMs: 2, totalMs: 3, status: 200 },
    ],
  };
  expect(await through(rich, failed(4), succeeded(5))).toEqual([rich, failed(4), succeeded(5)]);
});

test('a response without headers or body stays without', async () => {
  const { body: _, ...rest } = succeeded(0);
  const bare = { ...rest, headers: [] };
  expect(await through(bare)).toEqual([bare]);
});

test('keeps bytes exactly', async () => {
  const inline = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const [result] = await through({
    ...succeeded(0),
    body: { inline, wireBytes: 256, bytes: 256, truncated: false },
  });
  expect(Buffer.from(result?.body?.inline ?? [])).toEqual(inline);
});

test('times are kept to a tenth of a millisecond', async () => {
  const timings = { ...succeeded(0).timings, ttfbMs: 1.2345, totalMs: 98_765.4321 };
  expect((await through({ ...succeeded(0), timings }))[0]?.timings).toMatchObject({
    ttfbMs: 1.2,
    totalMs: 98_765.4,
  });
});

test('tells which outcomes it holds without being unpacked', async () => {
  const packed = await packSegment([succeeded(0), failed(1)]);
  expect(hasOutcome(packed, 'succeeded')).toBe(true);
  expect(hasOutcome(packed, 'failed')).toBe(true);
  expect(hasOutcome(packed, 'cancelled')).toBe(false);
});

test('a failure code of a newer build reads as internal, and keeps its name', async () => {
  const strange = {
    ...failed(0),
    failure: { code: 'quota_exceeded', message: 'no' },
  } as unknown as StoredResult;
  expect((await through(strange))[0]?.failure).toEqual({ code: 'internal', message: 'quota_exceeded: no' });
});

test('refuses what it cannot read', async () => {
  const packed = await packSegment([succeeded(0)]);
  packed[0] = 9;
  expect(() => unpackSegment(packed)).toThrow('version 9');
});

test('alike results take few bytes each', async () => {
  const headers = [
    'content-type',
    'application/json',
    'server',
    'nginx/1.22.1',
    'date',
    'Sat, 21 Nov 2026 10:00:00 GMT',
  ];
  const results = Array.from({ length: 64 }, (_, index) => ({ ...succeeded(index), headers }));
  expect((await packSegment(results)).length / 64).toBeLessThan(60);
});
