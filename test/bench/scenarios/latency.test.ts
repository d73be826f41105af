import { expect, test } from '@jest/globals';
import { judge } from '../../../bench/scenarios/latency.ts';
import { holds } from '../../../bench/trial.ts';

test.each([
  [
    [5, 5, 16],
    [true, true],
  ],
  [
    [5.1, 5.1, 16],
    [false, true],
  ],
  [
    [5, 5, 16.1],
    [true, false],
  ],
])('minds what is added to the time of the target: %j ms', (through, expected) => {
  const { bounds, figures } = judge(through, [1, 1, 1]);
  expect(bounds.map(holds)).toEqual(expected);
  expect(figures).toContainEqual({ name: 'p50 of the target', value: 1, unit: 'ms' });
});
