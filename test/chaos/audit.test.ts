import { expect, test } from '@jest/globals';
import type { Sighting } from '../../bench/sighting.ts';
import { holds } from '../../bench/trial.ts';
import {
  audit,
  countChanged,
  failureFigures,
  hostOf,
  refetchedFigure,
  zeros,
  type Account,
  type Audit,
  type StoredResult,
} from '../../chaos/audit.ts';

const sighting = (name: string, index: number): Sighting => ({
  host: hostOf(name, index),
  path: index,
  arrivedMs: 0,
  leftMs: 1,
  inFlight: 1,
  ending: 'answered',
});
const result = (index: number, n: number): StoredResult => ({
  index,
  outcome: 'succeeded',
  body: { json: { n } },
});

/** Three requests, fetched in the order 2, 0, 1, and nothing wrong with any. */
const seen = [sighting('a', 2), sighting('a', 0), sighting('a', 1)];
const results = [result(2, 0), result(0, 1), result(1, 2)];
const counts = { total: 3, pending: 0, running: 0, succeeded: 3, failed: 0, cancelled: 0, expired: 0 };
const sound: Account = {
  accepted: { id: 'bat_a', name: 'a', total: 3 },
  status: 'completed',
  counts,
  results,
};
const none: Audit = { lost: 0, doubled: 0, invented: 0, unsuccessful: 0, miscounted: 0, refetched: 0 };

test('finds nothing where all is well', () => {
  expect(audit([sound], seen)).toEqual(none);
});

test('tells why requests failed, and how many for each reason', () => {
  const failure = { code: 'worker_lost', message: 'three died' };
  const account = {
    ...sound,
    results: [...results, { ...result(3, 3), failure }, { ...result(4, 4), failure }],
  };
  expect(failureFigures([account])).toEqual([{ name: 'worker_lost: three died', value: 2 }]);
  expect(failureFigures([sound])).toEqual([]);
});

const failed: StoredResult = { index: 1, outcome: 'failed' };

test.each<[string, Partial<Account>, readonly Sighting[], Partial<Audit>]>([
  ['a request without a result', { results: results.slice(1) }, seen, { lost: 1, miscounted: 1 }],
  [
    'a request without a result that the counts know of',
    { results: results.slice(1), counts: { ...counts, succeeded: 2, pending: 1 } },
    seen,
    { lost: 1, miscounted: 1 },
  ],
  ['a result stored twice', { results: [...results, result(0, 1)] }, seen, { doubled: 1, miscounted: 1 }],
  [
    'a result twice in the place of another',
    { results: [result(2, 0), result(0, 1), result(0, 1)] },
    seen,
    { lost: 1, doubled: 1 },
  ],
  ['a result that nobody fetched', {}, seen.slice(0, 2), { invented: 1 }],
  [
    'the response to another request',
    { results: [result(2, 0), result(0, 2), result(1, 1)] },
    seen,
    { invented: 2 },
  ],
  [
    'the response of another host',
    {},
    [sighting('a', 2), { ...sighting('a', 0), host: hostOf('a', 1) }, sighting('a', 1)],
    { invented: 1 },
  ],
  [
    'the response to another batch',
    {},
    [sighting('a', 2), sighting('b', 0), sighting('a', 1)],
    { invented: 1 },
  ],
  [
    'a success without a body',
    { results: [result(2, 0), result(0, 1), { index: 1, outcome: 'succeeded' }] },
    seen,
    { invented: 1 },
  ],
  [
    'a request that failed',
    { results: [...results.slice(0, 2), failed], counts: { ...counts, succeeded: 2, failed: 1 } },
    seen,
    { unsuccessful: 1 },
  ],
  ['a count too high', { counts: { ...counts, succeeded: 4 } }, seen, { miscounted: 1 }],
  [
    'a count that moved to another',
    { counts: { ...counts, succeeded: 2, failed: 1 } },
    seen,
    { miscounted: 2 },
  ],
  ['a request counted as running for ever', { counts: { ...counts, running: 1 } }, seen, { miscounted: 1 }],
  ['a total that is not the one accepted', { counts: { ...counts, total: 4 } }, seen, { miscounted: 1 }],
  ['a batch that has not ended', { status: 'running' }, seen, { miscounted: 1 }],
  ['a request sent twice', {}, [...seen, sighting('a', 1)], { refetched: 1 }],
])('sees %s', (_, fault, sightings, found) => {
  expect(audit([{ ...sound, ...fault }], sightings)).toEqual({ ...none, ...found });
});

const left: StoredResult = { index: 1, outcome: 'cancelled' };
const cancelled: Account = {
  accepted: { ...sound.accepted, endedAs: 'cancelled' },
  status: 'cancelled',
  counts: { ...counts, succeeded: 2, cancelled: 1 },
  results: [...results.slice(0, 2), left],
};

test('finds nothing wrong with a batch that was cancelled, and ended so', () => {
  expect(audit([cancelled], seen)).toEqual(none);
});

test.each<[string, Partial<Account>, Partial<Audit>]>([
  ['completed all the same', { status: 'completed' }, { miscounted: 1 }],
  [
    'failed a request',
    {
      results: [...results.slice(0, 2), failed],
      counts: { ...counts, succeeded: 2, failed: 1 },
    },
    { unsuccessful: 1 },
  ],
])('sees a cancelled batch that %s', (_, fault, found) => {
  expect(audit([{ ...cancelled, ...fault }], seen)).toEqual({ ...none, ...found });
});

test('counts the results that are others at the second reading, or gone', () => {
  const early: Account = { ...sound, results: results.slice(0, 2) };
  expect(countChanged(early, sound)).toBe(0);
  expect(countChanged(sound, { ...sound, results: results.toReversed() })).toBe(0);
  expect(countChanged(sound, early)).toBe(1);
  expect(countChanged(sound, { ...sound, results: [result(2, 0), result(0, 9), left] })).toBe(2);
});

test('sums over the batches, whose requests it tells apart by their names', () => {
  const other: Account = {
    ...sound,
    accepted: { id: 'bat_b', name: 'b', total: 3 },
    results: [result(0, 3), result(1, 4)],
  };
  const sightings = [...seen, sighting('b', 0), sighting('b', 1)];
  expect(audit([sound, other], sightings)).toEqual({ ...none, lost: 1, miscounted: 1 });
  expect(audit([sound, { ...other, accepted: sound.accepted }], sightings)).toMatchObject({ invented: 2 });
});

test('spreads the requests of a batch over hosts of its own', () => {
  const hosts = Array.from({ length: 100 }, (_, index) => hostOf('a', index));
  expect(new Set(hosts).size).toBe(8);
  expect(hosts).not.toContain(hostOf('b', 0));
});

test.each(['lost', 'doubled', 'invented', 'unsuccessful', 'miscounted'] as const)(
  'a single one %s breaks a bound',
  (fault) => {
    const broken = (found: Audit): number =>
      zeros(found, { wrongPolls: 0 }).filter((each) => !holds(each)).length;
    expect(broken(none)).toBe(0);
    expect(broken({ ...none, [fault]: 1 })).toBe(1);
  },
);

test('a single wrong poll breaks a bound; what was fetched again is a figure', () => {
  expect(zeros(none, { wrongPolls: 1 }).filter((each) => !holds(each))).toMatchObject([
    { name: 'polls with wrong counts' },
  ]);
  expect(refetchedFigure({ ...none, refetched: 5 })).toEqual({ name: 'fetched more than once', value: 5 });
});
