import { expect, test } from '@jest/globals';
import { judge } from '../../../bench/scenarios/host-rate.ts';
import type { Sighting } from '../../../bench/sighting.ts';
import { holds } from '../../../bench/trial.ts';

const arrivals = (times: readonly number[]): readonly Sighting[] =>
  times.map((arrivedMs) => ({
    host: 'a',
    path: 0,
    arrivedMs,
    leftMs: arrivedMs + 20,
    inFlight: 1,
    ending: 'answered',
  }));

/** For 25 s, `perSecond` in even steps. */
const evenly = (perSecond: number): readonly number[] =>
  Array.from({ length: perSecond * 25 }, (_, number) => 3000 + (number * 1000) / perSecond);

test.each([
  ['fifty a second', evenly(50), [true, true]],
  ['too few', evenly(48), [false, true]],
  ['too many', evenly(52), [false, true]],
  [
    'a burst that no aligned second shows',
    [...evenly(50), 7900, 7950, 8000, 8050, 8100, 8101],
    [true, false],
  ],
])('judges %s', (_, times, expected) => {
  expect(judge(arrivals(times)).bounds.map(holds)).toEqual(expected);
});

test('does not look at what came after the twenty seconds', () => {
  const [total] = judge(arrivals(evenly(50))).bounds;
  expect(total?.value).toBe(1000);
});
