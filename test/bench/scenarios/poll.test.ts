import { expect, test } from '@jest/globals';
import { judge } from '../../../bench/scenarios/poll.ts';
import { holds } from '../../../bench/trial.ts';

test.each([
  [1.2, true],
  [1.21, false],
])('minds that polls of a large batch take longer: %d ms, %s', (ms, expected) => {
  const { bounds, figures } = judge([
    { size: 100, ms: [1, 1, 9] },
    { size: 10_000, ms: [5, 5, 5] },
    { size: 1_000_000, ms: [ms, ms, 9] },
  ]);
  expect(bounds.map(holds)).toEqual([expected]);
  expect(figures).toContainEqual({ name: 'p99 of 1,000,000', value: 9, unit: 'ms' });
});
