import { expect, test } from '@jest/globals';
import type { HeaderList } from '../../../shared/result.ts';
import type { Outcome } from '../../../worker/outcome.ts';
import { judge, waitsMs } from '../../../worker/webhooks/verdict.ts';

const exchange = {
  startedAt: 0,
  timings: { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, bodyMs: 0, totalMs: 1 },
  finalUrl: 'https://example.com/',
  redirects: [],
};
const answered = (status: number, headers: HeaderList = []): Outcome => ({
  ...exchange,
  kind: 'response',
  status,
  headers,
  body: { inline: Buffer.alloc(0), wireBytes: 0, bytes: 0, truncated: false },
});
const broken = (status?: number): Outcome => ({
  ...exchange,
  kind: 'failure',
  failure: { code: 'connection_lost', message: '' },
  isTransient: true,
  wasSent: true,
  ...(status !== undefined && { response: { status, headers: [] } }),
});

const judged = (outcome: Outcome | undefined, tries = 0, random = 0.5): unknown =>
  judge({ outcome, tries, random, now: 0 });

test.each([200, 202, 204, 299])('%i is a delivery', (status) =>
  expect(judged(answered(status))).toEqual({ status: 'delivered' }),
);

test('so is an accepted event whose answer then breaks off', () =>
  expect(judged(broken(200))).toEqual({ status: 'delivered' }));

test.each([100, 301, 302, 400, 401, 404, 429, 500, 503])('%i is tried again', (status) =>
  expect(judged(answered(status))).toEqual({ status: 'pending', afterMs: 5000 }),
);

test.each([broken(), broken(500), undefined])('so is what has no answer, or a broken one', (outcome) =>
  expect(judged(outcome)).toEqual({ status: 'pending', afterMs: 5000 }),
);

test('410 ends it, and all that would follow', () =>
  expect(judged(answered(410))).toEqual({ status: 'abandoned', isGone: true }));

test('waits grow, spread, and fit with the last attempt into the day that a batch is kept', () => {
  const waits = waitsMs.map(
    (_, tries) => judge({ outcome: undefined, tries, random: 1, now: 0 }).afterMs ?? 0,
  );
  expect(waits.every((wait, i) => wait >= (waits[i - 1] ?? 0))).toBe(true);
  const total = waits.reduce((sum, wait) => sum + wait, 0);
  expect(total).toBeGreaterThan(20 * 3_600_000);
  expect(total).toBeLessThan(86_400_000);
  expect(judged(undefined, 0, 0)).toEqual({ status: 'pending', afterMs: 4500 });
  expect(judged(undefined, waitsMs.length)).toEqual({ status: 'failed' });
});

test('a wait that the receiver asks for is kept, up to the longest of ours', () => {
  expect(judged(answered(503, ['retry-after', '90']))).toEqual({ status: 'pending', afterMs: 90_000 });
  expect(judged(answered(503, ['retry-after', '1']))).toEqual({ status: 'pending', afterMs: 5000 });
  expect(judged(answered(429, ['retry-after', '999999999']))).toEqual({
    status: 'pending',
    afterMs: 7 * 3_600_000,
  });
});
