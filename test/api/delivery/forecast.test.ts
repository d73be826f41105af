import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { etaOf, throughputOf } from '../../../api/delivery/forecast.ts';
import type { BatchRecord, Pace } from '../../../shared/batch.ts';

const start = 1_000_000;

const batch = (done: number, total: number, more: Partial<BatchRecord> = {}): BatchRecord =>
  ({
    counts: {
      total,
      pending: total - done,
      running: 0,
      succeeded: done,
      failed: 0,
      cancelled: 0,
      expired: 0,
    },
    createdAt: start,
    startedAt: start,
    ...more,
  }) as BatchRecord;

test('says nothing of a batch that has not begun, and of one that has ended only how fast it was', () => {
  const { startedAt: _, ...queued } = batch(0, 10);
  expect(throughputOf(queued, start)).toEqual({ recentPerSecond: null, meanPerSecond: null });
  expect(etaOf(queued, start)).toBeNull();
  const ended = batch(10, 10, { endedAt: start + 2000 });
  expect(throughputOf(ended, start + 9999)).toEqual({ recentPerSecond: null, meanPerSecond: 5 });
  expect(etaOf(ended, start + 9999)).toBeNull();
});

test('goes by all since the start until two windows are known', () => {
  const young = batch(100, 1000, { pace: { at: start, done: 5 } });
  expect(throughputOf(young, start + 1000)).toEqual({ recentPerSecond: 100, meanPerSecond: 100 });
  expect(etaOf(young, start + 1000)?.at).toBe(start + 1000 + 9000);
});

test('goes by the last two windows where it has changed, and is the less sure of it', () => {
  const pace: Pace = { at: start + 60_000, done: 600, before: { done: 100, lastedMs: 10_000 } };
  const now = start + 70_000;
  const slowed = batch(900, 2000, { pace });
  expect(throughputOf(slowed, now)).toEqual({ recentPerSecond: 20, meanPerSecond: 12.9 });
  const eta = etaOf(slowed, now);
  expect(eta?.at).toBe(now + 55_000);
  // 30 a second of late, 10 in the window before.
  expect(eta?.earliest).toBeLessThan(now + 1100 / 0.03);
  expect(eta?.latest).toBeGreaterThan(now + 1100 / 0.01);
});

test('promises nothing on the strength of a few', () => {
  expect(etaOf(batch(9, 1000), start + 1000)).toBeNull();
});

test('does not count the pause before a retry as work', () => {
  const retried = batch(50, 100, { generation: 1 });
  expect(throughputOf(retried, start + 3_600_000)).toEqual({ recentPerSecond: null, meanPerSecond: null });
});

test('is ordered, and holds for a batch that goes on as it went', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 5000 }), fc.integer({ min: 1, max: 600_000 }), (done, ms) => {
      const eta = etaOf(batch(done, 2 * done), start + ms);
      expect(eta).not.toBeNull();
      expect(eta?.earliest).toBeLessThanOrEqual(eta?.at ?? 0);
      expect(eta?.latest).toBeGreaterThanOrEqual(eta?.at ?? Infinity);
      expect(eta?.at).toBe(start + 2 * ms);
    }),
  );
});
