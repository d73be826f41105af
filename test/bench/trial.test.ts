import { expect, test } from '@jest/globals';
import { formatTrial, holds } from '../../bench/trial.ts';

test.each([
  [8, { most: 8 }, true],
  [9, { most: 8 }, false],
  [7.5, { least: 7.5 }, true],
  [7.4, { least: 7.5 }, false],
  [1000, { least: 980, most: 1020 }, true],
  [1021, { least: 980, most: 1020 }, false],
  [Number.NaN, { most: 1 }, false],
  [Number.NaN, { least: 1 }, false],
])('of %d, %j holds: %s', (value, limits, expected) => {
  expect(holds({ name: 'x', value, ...limits })).toBe(expected);
});

test('says of every bound whether it held, and what else was measured', () => {
  const report = formatTrial({
    scenario: 'host-limit',
    about: 'a limit',
    bounds: [
      { name: 'most at once', value: 9, most: 8 },
      { name: 'rate', value: 1003.4, unit: '/s', least: 980, most: 1020 },
    ],
    figures: [{ name: 'mean', value: 7.51234, unit: 'ms' }],
  });
  expect(report.split('\n')).toEqual([
    'host-limit: a limit',
    '  BROKEN  most at once         9                          (at most 8)',
    '  holds   rate          1,003 /s  (at least 980 /s, at most 1,020 /s)',
    '          mean          7.512 ms',
  ]);
});
