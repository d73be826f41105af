import { expect, test } from '@jest/globals';
import { createBatchWatch, type BatchWatch } from '../../../api/delivery/batch-watch.ts';
import type { BatchEvents, BatchListener } from '../../../shared/batch-events.ts';
import { newBatchId, type BatchRecord } from '../../../shared/batch.ts';
import { waitFor } from '../../support/wait-for.ts';

type Stage = {
  readonly watch: BatchWatch['watch'];
  readonly say: BatchListener;
  readonly reads: () => number;
  readonly subscriptions: () => number;
  readonly change: (batch: BatchRecord | Error | undefined) => void;
};

const id = newBatchId();
const at = (running: number): BatchRecord => ({ id, counts: { running } }) as unknown as BatchRecord;

const stage = (options: { gapMs?: number; lookMs?: number } = {}): Stage => {
  const listeners = new Set<BatchListener>();
  const state: { batch: BatchRecord | Error | undefined; reads: number } = { batch: at(0), reads: 0 };
  const events: BatchEvents = {
    async subscribe(_id, listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const read = async (): Promise<BatchRecord | undefined> => {
    state.reads += 1;
    if (state.batch instanceof Error) throw state.batch;
    return state.batch;
  };
  return {
    ...createBatchWatch({ events, read, gapMs: 1, lookMs: 60_000, ...options }),
    say: (...told) => [...listeners].forEach((listener) => listener(...told)),
    reads: () => state.reads,
    subscriptions: () => listeners.size,
    change: (batch) => {
      state.batch = batch;
    },
  };
};

test('reads once for all who watch, and once they have gone no more', async () => {
  const { watch, say, reads, subscriptions, change } = stage();
  const seen: (BatchRecord | undefined)[] = [];
  const stops = [1, 2, 3].map(() => watch(id, (batch) => seen.push(batch)));
  await waitFor(() => seen.length === 3);
  const before = reads();
  change(at(5));
  say('end');
  await waitFor(() => seen.length === 6);
  expect(seen[5]).toEqual(at(5));
  expect([reads() - before, subscriptions()]).toEqual([1, 1]);
  stops.forEach((stop) => stop());
  await waitFor(() => subscriptions() === 0);
});

test('tells of an end that brings the batch with it without reading it', async () => {
  const { watch, say, reads } = stage();
  const seen: (BatchRecord | undefined)[] = [];
  watch(id, (batch) => seen.push(batch));
  await waitFor(() => seen.length === 1);
  say('end', { batch: at(7) });
  await waitFor(() => seen.length === 2);
  expect([seen[1], reads()]).toEqual([at(7), 1]);
});

test('tells nothing older behind an end: what is being read when it comes is read again', async () => {
  const { watch, say, change } = stage();
  const seen: (BatchRecord | undefined)[] = [];
  watch(id, (batch) => seen.push(batch));
  await waitFor(() => seen.length === 1);
  change(at(1));
  say('end');
  change(at(7));
  say('end', { batch: at(7) });
  await waitFor(() => seen.length === 3);
  expect(seen.slice(1)).toEqual([at(1), at(7)]);
});

test('tells of progress who asked for it, and of the end alone who did not', async () => {
  const { watch, say, reads, change } = stage();
  const seen: string[] = [];
  const stop = watch(id, () => seen.push('patient'));
  await waitFor(() => seen.length === 1);
  say('progress');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(reads()).toBe(1);
  watch(id, () => seen.push('curious'), { progress: true });
  stop();
  await waitFor(() => seen.includes('curious'));
  const before = seen.length;
  change(at(1));
  say('progress');
  await waitFor(() => seen.length === before + 1);
});

test('reads no more often than it should, however much moves', async () => {
  const { watch, say, reads, change } = stage({ gapMs: 60_000 });
  const seen: unknown[] = [];
  watch(id, (batch) => seen.push(batch), { progress: true });
  await waitFor(() => seen.length === 1);
  for (let times = 0; times < 100; times += 1) say('progress');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(reads()).toBe(1);
  change(at(1));
  say('end');
  await waitFor(() => seen.length === 2);
});

test('who comes is told how it stands, and those who know it do not hear it again', async () => {
  const { watch, reads, say, change } = stage();
  const heard = { first: 0, second: 0 };
  watch(id, () => (heard.first += 1), { progress: true });
  await waitFor(() => heard.first === 1);
  watch(id, () => (heard.second += 1), { progress: true });
  await waitFor(() => heard.second === 1);
  expect([heard.first, reads()]).toEqual([1, 2]);
  change(at(1));
  say('progress');
  await waitFor(() => heard.first === 2 && heard.second === 2);
});

test('looks again by itself, for an event that nobody heard and where Redis was away', async () => {
  const { watch, change } = stage({ lookMs: 5 });
  change(new Error('Redis is away'));
  const seen: (BatchRecord | undefined)[] = [];
  const stop = watch(id, (batch) => seen.push(batch));
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(seen).toEqual([]);
  change(undefined);
  await waitFor(() => seen.length > 0);
  expect(seen[0]).toBeUndefined();
  stop();
});

test('tells very many by and by, so that others have their turn, and none who left meanwhile', async () => {
  const { watch, say, change } = stage();
  const heard: number[] = [];
  const state = { welcomed: 0, heardAtTurn: 0 };
  const stops = Array.from({ length: 1000 }, (_, who) =>
    watch(id, (batch) => {
      if (batch?.endedAt === undefined) {
        state.welcomed += 1;
        return;
      }
      heard.push(who);
      if (who > 0) return;
      stops[999]?.();
      setImmediate(() => (state.heardAtTurn = heard.length));
    }),
  );
  await waitFor(() => state.welcomed === 1000);
  change({ ...at(0), endedAt: 1 });
  say('end');
  await waitFor(() => heard.length === 999);
  expect(heard).toEqual(Array.from({ length: 999 }, (_, who) => who));
  expect(state.heardAtTurn).toBeGreaterThan(0);
  expect(state.heardAtTurn).toBeLessThan(999);
});
