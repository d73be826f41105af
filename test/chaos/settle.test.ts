import { expect, test } from '@jest/globals';
import { settle } from '../../chaos/settle.ts';
import type { Snapshot } from '../../chaos/snapshot.ts';

const nothing: Snapshot = {
  batches: new Map(),
  jobs: new Set(),
  outbox: new Set(),
  deadlines: new Set(),
  unfinished: new Set(),
  listed: new Set(),
  keyed: [],
};

/** A Redis that holds these, one look after the other, the last over and over; and a client whose batches end at the last. */
const placeOf = (...snapshots: readonly Snapshot[]) => {
  const looks = { count: 0, again: 0 };
  const chaos = { progress: () => {}, signal: new AbortController().signal };
  const ask = (): Promise<Snapshot> => {
    looks.count += 1;
    return Promise.resolve(snapshots[Math.min(looks.count, snapshots.length) - 1] ?? nothing);
  };
  const client = {
    lookAgain: () => (looks.again += 1),
    open: () => (looks.count < snapshots.length ? ['a'] : []),
  };
  return { place: { chaos, redis: { ask } } as never, client, looks };
};

test('waits until all have ended and nothing disagrees', async () => {
  const jobs = new Set(['bat_01a2014c-46b5-7dd6-bf7e-a834eb1076dd-0']);
  const { place, client, looks } = placeOf(nothing, { ...nothing, jobs }, nothing);
  const { left, unended } = await settle(place, client, 60_000);
  expect(looks).toEqual({ count: 3, again: 3 });
  expect([Object.values(left).flat(), unended]).toEqual([[], []]);
});

test('tells what is left when the time is up', async () => {
  const jobs = new Set(['bat_01a2014c-46b5-7dd6-bf7e-a834eb1076dd-0']);
  const { place, client } = placeOf({ ...nothing, jobs });
  const { left, settledMs } = await settle(place, client, 500);
  expect(left.jobsOfNothing).toEqual([...jobs]);
  expect(settledMs).toBeGreaterThan(500);
}, 20_000);
