import { expect, test } from '@jest/globals';
import { secondHalf } from '../../../bench/scenarios/adaptive.ts';
import type { Sighting } from '../../../bench/sighting.ts';

const sighting = (
  arrivedMs: number,
  inFlight: number,
  ending: Sighting['ending'] = 'answered',
): Sighting => ({
  host: 'a',
  path: 0,
  arrivedMs,
  leftMs: arrivedMs + 100,
  inFlight,
  ending,
});

test('counts the answers of the second half, and what was there', () => {
  const first = [sighting(0, 90), sighting(300, 80), sighting(800, 70)];
  const second = [sighting(1000, 10), sighting(1500, 20), sighting(1600, 30, 'refused'), sighting(1900, 40)];
  // The last one leaves at the very end, which is not within the half any more.
  expect(secondHalf([...first, ...second])).toEqual({ perSecond: 2, inFlight: 25 });
});
