import { expect, test } from '@jest/globals';
import { holds } from '../../bench/trial.ts';
import { hostOf } from '../../chaos/audit.ts';
import { auditSteered, type SteeredAccount } from '../../chaos/steered-audit.ts';

const sightings = [0, 1].map((path) => ({
  host: hostOf('a', path),
  path,
  arrivedMs: 0,
  leftMs: 1,
  inFlight: 1,
  ending: 'answered' as const,
}));

const cancelled: SteeredAccount = {
  accepted: { id: 'bat_a', name: 'a', total: 2 },
  status: 'cancelled',
  counts: { total: 2, pending: 0, running: 0, succeeded: 1, failed: 0, cancelled: 1, expired: 0 },
  results: [
    { index: 1, outcome: 'succeeded', body: { json: { n: 1 } } },
    { index: 0, outcome: 'cancelled' },
  ],
  mayBeCancelled: true,
};
const completed: SteeredAccount = {
  ...cancelled,
  status: 'completed',
  counts: { ...cancelled.counts, succeeded: 2, cancelled: 0 },
  results: [0, 1].map((index) => ({ index, outcome: 'succeeded', body: { json: { n: index } } })),
};

const broken = (account: SteeredAccount, wrongPolls = 0): string[] =>
  auditSteered([account], sightings, { wrongPolls })
    .bounds.filter((bound) => !holds(bound))
    .map(({ name }) => name);

test('what was cancelled as its client wanted, and what completed before it could be, is right', () => {
  expect(broken(cancelled)).toEqual([]);
  expect(broken(completed)).toEqual([]);
  const { figures } = auditSteered([cancelled, completed], sightings, { wrongPolls: 0 });
  expect(new Map(figures.map(({ name, value }) => [name, value])).get('of them cancelled')).toBe(1);
});

test('what nobody cancelled has to complete', () => {
  expect(broken({ ...cancelled, mayBeCancelled: false })).toEqual([
    'requests that did not succeed',
    'counts wrong at the end',
  ]);
});

test.each<[string, Partial<SteeredAccount>, string]>([
  [
    'lacks a result',
    { results: cancelled.results.slice(1) },
    'lost, doubled or invented in cancelled batches',
  ],
  [
    'has one twice',
    { results: [...cancelled.results, ...cancelled.results] },
    'lost, doubled or invented in cancelled batches',
  ],
  ['is miscounted', { counts: { ...cancelled.counts, running: 1 } }, 'counts wrong of cancelled batches'],
])('a cancelled batch that %s is told of', (_, more, name) => {
  expect(broken({ ...cancelled, ...more })).toContain(name);
});

test('wrong polls are told of', () => {
  expect(broken(completed, 2)).toEqual(['polls with wrong counts']);
});
