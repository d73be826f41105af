import { expect, test } from '@jest/globals';
import { fromColumns, toColumns } from '../../shared/segment-columns.ts';
import { failed, succeeded } from '../support/batches.ts';

const connection = {
  reused: true,
  policy: 'reuse',
  remoteAddress: '127.0.0.1',
  protocol: 'http/1.1',
} as const;

test('what results have in common stands once', () => {
  const results = [0, 1, 2].map((index) => ({ ...succeeded(index), connection: { ...connection } }));
  const columns = toColumns(results);
  expect(columns[5]).toHaveLength(1);
  expect(columns[11]).toHaveLength(1);
  expect(columns[13]).toEqual([]);
});

test('an empty body, no body and a body kept elsewhere are three things', () => {
  const plain = succeeded(0);
  const { body: _, ...without } = succeeded(1);
  const none = { wireBytes: 0, bytes: 0, truncated: false };
  const results = [
    { ...plain, body: { inline: new Uint8Array(), ...none } },
    without,
    { ...succeeded(2), body: { ref: '0/2-00', wireBytes: 9, bytes: 90, truncated: false } },
    { ...succeeded(3), body: { inline: Buffer.from('gz'), wireBytes: 2, bytes: 200, truncated: true } },
    failed(4),
  ];
  const read = fromColumns(toColumns(results));
  expect(read[0]?.body).toEqual({ inline: Buffer.alloc(0), ...none });
  expect(read.slice(1)).toEqual(results.slice(1));
});

test('an attempt that got a response did not fail, though its status is refused', () => {
  const failure = { code: 'http_status', message: 'the status 404 is not among 200-399' } as const;
  const refused = { ...succeeded(0), outcome: 'failed', status: 404, failure } as const;
  const attempts = [{ startedAt: 1_700_000_000_000, waitMs: 0, totalMs: 4.2, status: 404 }];
  expect(fromColumns(toColumns([{ ...refused, attempts }]))[0]?.attempts).toEqual(attempts);
});

test('a result without any attempt keeps none', () => {
  const never = { ...failed(0), attempts: [] };
  expect(fromColumns(toColumns([never]))).toEqual([never]);
});

test('a single attempt that came to something else than the result is kept as it was', () => {
  const attempts = [{ startedAt: 1_700_000_000_000, waitMs: 0, totalMs: 4.2, status: 503 }];
  const late = { ...failed(0), attempts };
  expect(fromColumns(toColumns([late]))).toEqual([late]);
  const failure = { code: 'connect_failed', message: 'refused; no time for another attempt' } as const;
  const explained = { ...failed(0), failure };
  expect(fromColumns(toColumns([explained]))).toEqual([explained]);
});

test('a throttled attempt says so, alone or among others', () => {
  const throttled = {
    startedAt: 1_700_000_000_000,
    waitMs: 0,
    totalMs: 4.2,
    status: 429,
    throttled: true,
  } as const;
  const failure = { code: 'http_status', message: 'the status 429 is not among 200-399' } as const;
  const alone = { ...succeeded(0), outcome: 'failed', status: 429, failure, attempts: [throttled] } as const;
  const among = { ...succeeded(1), attempts: [throttled, ...succeeded(1).attempts] };
  expect(fromColumns(toColumns([alone, among]))).toEqual([alone, among]);
});
