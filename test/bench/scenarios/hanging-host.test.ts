import { expect, test } from '@jest/globals';
import { judge } from '../../../bench/scenarios/hanging-host.ts';
import { holds } from '../../../bench/trial.ts';

test.each([
  [110, true],
  [112, false],
])('minds that the others take longer beside a hanging host: %d of 100 ms, %s', (ms, expected) => {
  const { bounds, figures } = judge([100, 50, 200], [ms, 50 * 3, 2 * ms]);
  expect(bounds.map(holds)).toEqual([expected]);
  expect(figures[0]).toEqual({ name: 'without it', value: 100, unit: 'ms' });
});
