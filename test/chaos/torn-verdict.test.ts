import { expect, test } from '@jest/globals';
import { holds } from '../../bench/trial.ts';
import { hostOf, type Account } from '../../chaos/audit.ts';
import { tornVerdict, type TornSeen } from '../../chaos/torn-verdict.ts';
import { noDisagreements } from '../support/disagreements.ts';

const sightings = ['a', 'b'].flatMap((name) =>
  [0, 1].map((path) => ({
    host: hostOf(name, path),
    path,
    arrivedMs: 0,
    leftMs: 1,
    inFlight: 1,
    ending: 'answered' as const,
  })),
);

const account = (name: string, first: number, more: Partial<Account> = {}): TornSeen['accounts'][number] => ({
  accepted: { id: `bat_${name}`, name, total: 2 },
  status: 'completed',
  counts: { total: 2, pending: 0, running: 0, succeeded: 2, failed: 0, cancelled: 0, expired: 0 },
  results: [0, 1].map((index) => ({ index, outcome: 'succeeded', body: { json: { n: first + index } } })),
  mayBeCancelled: name === 'b',
  ...more,
});

const cancelled = account('b', 2, {
  status: 'cancelled',
  counts: { total: 2, pending: 0, running: 0, succeeded: 1, failed: 0, cancelled: 1, expired: 0 },
  results: [
    { index: 1, outcome: 'succeeded', body: { json: { n: 3 } } },
    { index: 0, outcome: 'cancelled' },
  ],
});

const good: TornSeen = {
  cuts: { wanted: 2, made: 2, bytes: 2048 },
  wentBack: 1,
  found: { ...noDisagreements, jobsLost: ['j1', 'j1', 'j2'], jobsOfNothing: ['j3'], outboxOfNothing: ['o'] },
  left: noDisagreements,
  settledMs: 1500,
  unended: [],
  client: { polls: 9, wrongPolls: 0, vanished: 3, refusals: [] },
  complaints: [],
  accounts: [account('a', 0), cancelled],
  sightings,
};

const broken = (more: Partial<TornSeen>): string[] =>
  tornVerdict({ ...good, ...more })
    .bounds.filter((bound) => !holds(bound))
    .map(({ name }) => name);

test('holds where all has ended with true counts', () => {
  expect(broken({})).toEqual([]);
  const figures = new Map(tornVerdict(good).figures.map(({ name, value }) => [name, value]));
  expect(figures.get('jobs found lost, and put back')).toBe(2);
  expect(figures.get('of them cancelled')).toBe(1);
  expect(figures.get('cut off')).toBe(2);
});

test.each<[string, Partial<TornSeen>, string]>([
  ['Redis did not start', { cuts: { wanted: 2, made: 1, bytes: 1 } }, 'starts of Redis'],
  ['a batch did not end', { unended: ['a'] }, 'batches that did not end'],
  ['a poll was wrong', { client: { ...good.client, wrongPolls: 1 } }, 'polls with wrong counts'],
  [
    'a client was refused',
    { client: { ...good.client, refusals: ['500'] } },
    'answers that nobody should get',
  ],
  ['somebody complains for ever', { complaints: ['{}'] }, 'complaints after the end'],
  ['a job stays lost', { left: { ...noDisagreements, jobsLost: ['j'] } }, 'jobs lost at the end'],
  [
    'a job stays',
    { left: { ...noDisagreements, jobsOfNothing: ['j'] } },
    'jobs of batches ended or gone at the end',
  ],
  [
    'the outbox is not cleared',
    { left: { ...noDisagreements, outboxOfNothing: ['o'] } },
    'batches ended or gone in the outbox at the end',
  ],
  [
    'a key led nowhere for a while',
    { found: { ...noDisagreements, keyedToNothing: ['b'] } },
    'keys used for batches that are not there',
  ],
  [
    'a list was wrong',
    { found: { ...noDisagreements, listedWrong: ['b'] } },
    'batches listed wrong in Redis',
  ],
  [
    'counts were wrong',
    { found: { ...noDisagreements, countedWrong: ['b'] } },
    'batches counted wrong in Redis',
  ],
  [
    'keys would stay',
    { left: { ...noDisagreements, keptForEver: ['b'] } },
    'batches with keys that would stay for ever',
  ],
  [
    'a cancelled batch lacks a result',
    { accounts: [{ ...cancelled, results: cancelled.results.slice(1) }] },
    'lost, doubled or invented in cancelled batches',
  ],
  [
    'a cancelled batch is counted wrong',
    { accounts: [{ ...cancelled, counts: { ...cancelled.counts, succeeded: 0 } }] },
    'counts wrong of cancelled batches',
  ],
  [
    'a batch was cancelled by nobody',
    { accounts: [{ ...cancelled, mayBeCancelled: false }] },
    'requests that did not succeed',
  ],
])('breaks where %s', (_, more, name) => {
  expect(broken(more)).toContain(name);
});
