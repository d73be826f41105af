import { expect, test } from '@jest/globals';
import { median, percentile, speedRatio, speedRatios, spreadOf } from '../../bench/statistics.ts';

test.each([
  [[5], 5],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2.5],
])('takes the middle of %j as %d', (samples, expected) => {
  expect(median(samples)).toBe(expected);
});

test('has no middle of nothing', () => {
  expect(median([])).toBeNaN();
});

test('sums samples up by their extremes and their middle', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ min: 1, median: 2, max: 3 });
});

test('compares round with round, so that a slow spell of the machine cancels out', () => {
  expect(speedRatio([100, 1000, 100], [300, 3000, 300])).toBe(3);
});

test('says less than one where the other is faster', () => {
  expect(speedRatio([200], [100])).toBe(0.5);
});

test.each([
  [0.5, 50],
  [0.99, 99],
  [1, 100],
  [0, 1],
])('takes the sample that %d of them do not exceed', (share, expected) => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(samples, share)).toBe(expected);
  expect(percentile([], share)).toBeNaN();
});

test('keeps the ratio of each round', () => {
  expect(speedRatios([10, 20, 30], [20, 20])).toEqual([2, 1]);
});
