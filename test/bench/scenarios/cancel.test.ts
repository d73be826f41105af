import { expect, test } from '@jest/globals';
import { lookAfter } from '../../../bench/scenarios/cancel.ts';
import type { Sighting } from '../../../bench/sighting.ts';

const stay = (arrivedMs: number, leftMs: number): Sighting => ({
  host: 'a',
  path: 0,
  arrivedMs,
  leftMs,
  inFlight: 1,
  ending: 'closed',
});

test('sees who was there, when the last of them left, and who still came', () => {
  const sightings = [stay(0, 900), stay(500, 1200), stay(600, 1300), stay(1100, 1400), stay(2001, 2500)];
  expect(lookAfter(sightings, 1000)).toEqual({ inFlight: 2, lastLeftMs: 1500, late: 1 });
});

test('takes one that never leaves for what it is', () => {
  expect(lookAfter([stay(0, Number.POSITIVE_INFINITY)], 1000)).toMatchObject({
    lastLeftMs: Number.POSITIVE_INFINITY,
  });
});
