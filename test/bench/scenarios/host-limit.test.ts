import { expect, test } from '@jest/globals';
import { judge } from '../../../bench/scenarios/host-limit.ts';
import type { Sighting } from '../../../bench/sighting.ts';
import { holds } from '../../../bench/trial.ts';

const total = 80;

/** Eight at a time, each 50 ms. */
const sightings: readonly Sighting[] = Array.from({ length: total }, (_, path) => {
  const arrivedMs = Math.floor(path / 8) * 50;
  return { host: 'a', path, arrivedMs, leftMs: arrivedMs + 50, inFlight: (path % 8) + 1, ending: 'answered' };
});
const indexes = sightings.map(({ path }) => `{"index":${path}}`);
const fine = { sightings, total, indexes, succeeded: total, killed: 5 };

test.each([
  [{}, []],
  [{ sightings: [...sightings, { ...sightings[7], inFlight: 9 } as Sighting] }, ['most at once']],
  [{ sightings: sightings.filter(({ path }) => path % 8 < 7) }, ['mean in flight']],
  [{ indexes: [...indexes.slice(1), indexes[1] ?? ''] }, ['requests with a result']],
  [{ indexes: [...indexes, indexes[0] ?? ''] }, ['results']],
  [{ succeeded: 79 }, ['succeeded']],
])('minds the limit, its use, and that each request has one result', (overrides, broken) => {
  const { bounds } = judge({ ...fine, ...overrides });
  expect(bounds.filter((bound) => !holds(bound)).map(({ name }) => name)).toEqual(broken);
});
