import { expect, test } from '@jest/globals';
import {
  atLeastTimes,
  byMs,
  perSecond,
  timesAsFast,
  timesAsFastAtBest,
  withinMemory,
  withoutFailure,
} from '../../bench/compare.ts';
import type { Report, Row } from '../../bench/scenario.ts';
import { holds } from '../../bench/trial.ts';

const row = (name: string, count: number, durationsMs: number[]): Row => ({
  name,
  about: name,
  count,
  durationsMs,
  targetLoad: [],
  cpuSeconds: [],
});

const report = (...rows: Row[]): Report => ({
  scenario: 'test',
  about: '',
  target: '',
  count: 100,
  subject: 'ours',
  rows,
  skipped: [],
  notes: [],
  bounds: [],
});

const ours = row('ours', 100, [90, 100, 300]);

test('counts what each URL took, not what each run took', () => {
  const theirs = row('theirs', 10, [90, 100, 300]);
  expect(timesAsFast(ours, theirs)).toBeCloseTo(10);
  expect(timesAsFastAtBest(ours, row('theirs', 100, [90, 400, 300]))).toBeCloseTo(4);
  expect([perSecond(ours), perSecond(theirs)]).toEqual([1000, 100]);
});

test.each([
  [1.9, true],
  [2.1, false],
])('minds that the subject is at least so many times as fast: %d, %s', (least, expected) => {
  const bounds = atLeastTimes(report(ours, row('theirs', 100, [180, 200, 600])), {
    theirs: least,
    absent: 9,
  });
  expect(bounds.map(({ name }) => name)).toEqual(['speed by that of theirs']);
  expect(bounds.map(holds)).toEqual([expected]);
});

test('minds that the subject failed', () => {
  const failed = [{ name: 'ours', reason: 'failed: 9 of 10' }];
  expect(holds(withoutFailure(report(ours)))).toBe(true);
  expect(holds(withoutFailure({ ...report(), skipped: failed }))).toBe(false);
});

test('says how near the subject came to a time, and nothing where it did not run', () => {
  expect(byMs(report(ours), 80)).toBe(1.25);
  expect(byMs(report(), 80)).toBeNaN();
});

test.each([
  [199, true],
  [201, false],
])('minds the memory of a worker of the subject: %d MiB, %s', (mebibytes, expected) => {
  const bounds = withinMemory(report({ ...ours, peakBytes: mebibytes * 2 ** 20 }), 200);
  expect(bounds.map((bound) => [bound.value, holds(bound)])).toEqual([[mebibytes, expected]]);
  expect(withinMemory(report(ours), 200)).toEqual([]);
});
