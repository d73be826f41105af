import { expect, test } from '@jest/globals';
import { judge } from '../../../bench/scenarios/retry-after.ts';
import type { Sighting } from '../../../bench/sighting.ts';
import { holds } from '../../../bench/trial.ts';

const at = (arrivedMs: number, rest: Partial<Sighting> = {}): Sighting => ({
  host: 'a',
  path: 0,
  arrivedMs,
  leftMs: arrivedMs + 10,
  inFlight: 1,
  ending: 'answered',
  ...rest,
});

/** Ten a second at B from 0 to 10 s, and at A until it refuses at 5 s; `more` at A. */
const seen = (...more: readonly Sighting[]): readonly Sighting[] => {
  const times = Array.from({ length: 100 }, (_, tenth) => tenth * 100);
  const refused = { ending: 'refused' } as const;
  return [
    ...times.map((ms) => at(ms, { host: 'b' })),
    ...times.filter((ms) => ms < 5000).map((ms) => at(ms)),
    at(4990, refused),
    at(5040, refused),
    ...more,
  ];
};

const broken = (sightings: readonly Sighting[]): readonly string[] =>
  judge(sightings)
    .bounds.filter((bound) => !holds(bound))
    .map(({ name }) => name);

test('is content where the host has its three seconds and the others do not notice', () => {
  expect(broken(seen(at(8010)))).toEqual([]);
});

test.each([
  [5150, 'from 0.1 s'],
  [7850, 'from 0.1 s'],
])('minds an arrival at %d ms', (ms, name) => {
  expect(broken(seen(at(ms), at(8010)))).toEqual([expect.stringContaining(name)]);
});

test('minds that the host is left alone for too long, by its last refusal', () => {
  expect(broken(seen(at(8140)))).toEqual([]);
  expect(broken(seen(at(8160)))).toEqual([expect.stringContaining('next arrival')]);
  expect(broken(seen())).toEqual([expect.stringContaining('next arrival')]);
});

test('minds that others are slower meanwhile', () => {
  const slower = seen(at(8010)).filter(({ host, arrivedMs }) => host === 'a' || arrivedMs < 7700);
  expect(broken(slower)).toEqual([expect.stringContaining('throughput')]);
});

test('minds that nothing was refused', () => {
  expect(broken([at(1), at(2)])).toContain('refused by A');
});
