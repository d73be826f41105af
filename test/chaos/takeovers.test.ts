import { expect, test } from '@jest/globals';
import type { Ending, Sighting } from '../../bench/sighting.ts';
import { takeoversOf } from '../../chaos/takeovers.ts';

const sighting = (path: number, arrivedMs: number, leftMs: number, ending: Ending): Sighting => ({
  host: 'a',
  path,
  arrivedMs,
  leftMs,
  inFlight: 1,
  ending,
});

test('tells when what a kill cost was fetched again, the first of it and the last', () => {
  const sightings = [
    sighting(1, 0, 101, 'closed'),
    sighting(2, 0, 99, 'answered'),
    sighting(3, 50, 102, 'closed'),
    sighting(1, 1100, 1200, 'answered'),
    { ...sighting(3, 1000, 1001, 'answered'), host: 'b' },
    sighting(3, 2100, 2200, 'answered'),
  ];
  expect(takeoversOf([100], sightings)).toEqual([{ lost: 2, firstMs: 1000, lastMs: 2000 }]);
});

test('tells kills apart, also where the same request is lost again', () => {
  const sightings = [
    sighting(1, 0, 101, 'closed'),
    sighting(1, 300, 501, 'closed'),
    sighting(1, 900, 1000, 'answered'),
  ];
  expect(takeoversOf([100, 500], sightings)).toEqual([
    { lost: 1, firstMs: 200, lastMs: 200 },
    { lost: 1, firstMs: 400, lastMs: 400 },
  ]);
});

test('a kill that cost nothing, or whose loss nobody fetched again, has no time', () => {
  const none = [{ lost: 0, firstMs: Number.NaN, lastMs: Number.NaN }];
  expect(takeoversOf([100], [sighting(1, 0, 99, 'closed')])).toEqual(none);
  expect(takeoversOf([100], [sighting(1, 0, 101, 'closed')])).toEqual([{ ...none[0], lost: 1 }]);
});
