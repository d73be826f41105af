import { expect, test } from '@jest/globals';
import { judge } from '../../../bench/scenarios/export.ts';
import { holds } from '../../../bench/trial.ts';

const read = (perSecond: number, results = 1000): Parameters<typeof judge>[0][number] => ({
  results,
  perSecond,
  bytes: 600,
  apiMicroseconds: 9,
});

test.each([
  [[read(50_000)], [true, true]],
  [[read(49_999)], [false, true]],
  [
    [read(50_000), read(50_000, 999)],
    [true, false],
  ],
])('wants speed, and every result in every round', (rounds, expected) => {
  const { bounds, figures } = judge(rounds, { count: 1000, apiPeakBytes: 150 * 2 ** 20 });
  expect(bounds.map(holds)).toEqual(expected);
  expect(figures).toContainEqual({ name: 'bytes of a result', value: 600, unit: 'B' });
});
