import { expect, test } from '@jest/globals';
import { findDisagreements, type Disagreements } from '../../chaos/disagreements.ts';
import type { KeptBatch, Snapshot } from '../../chaos/snapshot.ts';
import { newBatchId } from '../../shared/batch.ts';
import { noDisagreements } from '../support/disagreements.ts';

const running: KeptBatch = {
  id: newBatchId(),
  isSealed: true,
  isEnded: false,
  isClosed: false,
  isPaused: false,
  generation: 0,
  owner: 'anna',
  total: 30,
  running: 4,
  recorded: 11,
  closed: 0,
  located: { recorded: 11, unrecorded: 19, unfinished: new Set([1, 2]) },
  held: 4,
  slices: { kept: 3, said: 3 },
  lasting: 5,
};
const ended: KeptBatch = {
  ...running,
  id: newBatchId(),
  isEnded: true,
  running: 0,
  held: 0,
  recorded: 30,
  located: { recorded: 30, unrecorded: 0, unfinished: new Set() },
  lasting: 0,
};
const gone = newBatchId();

const snapshotOf = (batches: readonly KeptBatch[], more: Partial<Snapshot> = {}): Snapshot => {
  const sealed = batches.filter(({ isSealed }) => isSealed);
  const unended = sealed.filter(({ isEnded }) => !isEnded);
  const withOwner = ({ id, owner }: KeptBatch): string => `${owner}:${id}`;
  return {
    batches: new Map(batches.map((batch) => [batch.id, batch])),
    jobs: new Set([`${running.id}-1`, `${running.id}-2`]),
    outbox: new Set(),
    deadlines: new Set(unended.map(({ id }) => id)),
    unfinished: new Set(unended.map(withOwner)),
    listed: new Set(sealed.map(withOwner)),
    keyed: sealed.map(({ id }) => id),
    ...more,
  };
};

test('finds nothing where all agrees', () => {
  const closed: KeptBatch = {
    ...ended,
    id: newBatchId(),
    isClosed: true,
    recorded: 11,
    closed: 19,
    located: running.located,
  };
  const unsealed: KeptBatch = { ...ended, id: newBatchId(), isSealed: false, isEnded: false };
  expect(findDisagreements(snapshotOf([running, ended, closed, unsealed]))).toEqual(noDisagreements);
});

test.each<[string, Snapshot, Partial<Disagreements>]>([
  [
    'a job whose batch is gone, and one whose batch has ended',
    snapshotOf([ended], { jobs: new Set([`${gone}-0`, `${ended.id}-3-1`]) }),
    { jobsOfNothing: [`${gone}-0`, `${ended.id}-3-1`] },
  ],
  [
    'a slice that has no job',
    snapshotOf([running], { jobs: new Set([`${running.id}-1`]) }),
    { jobsLost: [`${running.id}-2`] },
  ],
  [
    'a slice that has a job of a former generation only',
    snapshotOf([{ ...running, generation: 2 }]),
    { jobsLost: [`${running.id}-1-2`, `${running.id}-2-2`] },
  ],
  [
    'what is in the outbox for nothing',
    snapshotOf([ended], { jobs: new Set(), outbox: new Set([gone, ended.id]) }),
    { outboxOfNothing: [gone, ended.id] },
  ],
  ['a key of a batch that is gone', snapshotOf([running], { keyed: [gone] }), { keyedToNothing: [gone] }],
  [
    'a batch that is missing from a list, and one that is in it wrongly',
    snapshotOf([running], { deadlines: new Set([gone]), listed: new Set() }),
    { listedWrong: [gone, running.id, `anna:${running.id}`] },
  ],
  [
    'an ended batch that still counts as unfinished',
    snapshotOf([ended], { jobs: new Set(), unfinished: new Set([`anna:${ended.id}`]) }),
    { listedWrong: [`anna:${ended.id}`] },
  ],
  [
    'keys that would stay of a batch that has ended',
    snapshotOf([{ ...ended, lasting: 1 }], { jobs: new Set() }),
    { keptForEver: [ended.id] },
  ],
])('finds %s', (_, snapshot, expected) => {
  expect(findDisagreements(snapshot)).toEqual({ ...noDisagreements, ...expected });
});

test('a batch that is paused, or in the outbox, may lack jobs', () => {
  const jobs = new Set<string>();
  expect(findDisagreements(snapshotOf([{ ...running, isPaused: true }], { jobs }))).toEqual(noDisagreements);
  expect(findDisagreements(snapshotOf([running], { jobs, outbox: new Set([running.id]) }))).toEqual(
    noDisagreements,
  );
});

test.each<[string, Partial<KeptBatch>]>([
  ['more recorded than located', { recorded: 12 }],
  ['requests that are nowhere', { located: { ...running.located, unrecorded: 18 } }],
  ['running more than are held', { running: 5 }],
  ['a slice missing', { slices: { kept: 2, said: 3 } }],
  ['some closed while it runs', { closed: 19 }],
])('finds wrong counts: %s', (_, more) => {
  const found = findDisagreements(snapshotOf([{ ...running, ...more }]));
  expect(found.countedWrong).toEqual([running.id]);
});
