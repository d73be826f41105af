import { expect, test } from '@jest/globals';
import { judge } from '../../../bench/scenarios/fairness.ts';
import { holds } from '../../../bench/trial.ts';

const seen = { alone: [80, 100, 120], large: { total: 200_000, succeeded: 30_000 }, favouredShare: 0.9 };

test.each([
  ['twice the time alone', { beside: [160, 200, 900] }, [true, true]],
  ['more than that', { beside: [161, 201, 10] }, [false, true]],
  [
    'a large batch that is over',
    { beside: [80, 100, 120], large: { total: 10, succeeded: 10 } },
    [true, false],
  ],
])('judges %s', (_, more, expected) => {
  expect(judge({ ...seen, ...more }).bounds.map(holds)).toEqual(expected);
});
