import { afterAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { BatchId } from '../../shared/batch.ts';
import { createFileBodyStore } from '../../shared/body-store/file.ts';
import type { StoredResult } from '../../shared/result.ts';
import { createOneByOne, type OneByOne, type RunRequests } from '../../worker/one-by-one.ts';
import { createRecorder } from '../../worker/recorder.ts';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, prefix } = testRedis();
const { batches, results, slices, suspects } = createStores(redis, prefix);
const folder = await mkdtemp(path.join(tmpdir(), 'fetchfleet-one-by-one-'));
afterAll(() => rm(folder, { recursive: true }));

const recorder = createRecorder({
  results,
  bodies: createFileBodyStore(folder),
  logger: pino({ level: 'silent' }),
  inlineBodyBytes: 100,
});

/** One worker process, which dies as soon as one of `poison` is under way: it never comes back from there. */
const createWorker = (
  poison: readonly number[] = [],
  line: (index: number) => Promise<unknown> = async () => {},
) => {
  const oneByOne: OneByOne = createOneByOne({ suspects, recorder });
  const asked: number[] = [];
  const signals = new AbortController();
  let isDead = false;
  const death = new Promise<never>(() => {});
  const runFor =
    (id: BatchId, hold: () => Promise<unknown>): RunRequests =>
    async (requests, beforeAttempt) => {
      if (isDead) await death;
      for (const { index } of requests) {
        await line(index);
        await beforeAttempt?.();
        asked.push(index);
        await hold();
        if (poison.includes(index)) isDead = true;
        if (isDead) await death;
        await results.record(id, [succeeded(index)]);
      }
      return new Map();
    };
  const run = async (id: BatchId, slice: number, stalls: number, hold = async () => {}) => {
    const claimed = await slices.claim(id, slice);
    if (claimed === undefined || claimed === 'held') throw new Error('nothing was left to claim');
    return await oneByOne({ claimed, slice, stalls, signals: [signals.signal] }, runFor(id, hold));
  };
  return { run, asked, signals, isDead: () => isDead };
};

/** Starts workers for the slices until one ends them all without dying; returns what each asked for. */
const runUntilDone = async (id: BatchId, sliceCount: number, poison: readonly number[]) => {
  const asked: number[][] = [];
  for (let stalls = 2; stalls < 14; stalls++) {
    const worker = createWorker(poison);
    const left = [];
    for (let slice = 0; slice < sliceCount; slice++) if (await isOpen(id, slice)) left.push(slice);
    const ends = Promise.all(left.map((slice) => worker.run(id, slice, stalls)));
    let isDone = false;
    void ends.then(() => (isDone = true));
    await waitFor(() => isDone || worker.isDead());
    asked.push(worker.asked);
    if (isDone) return asked;
  }
  throw new Error('the workers keep dying');
};

const isOpen = async (id: BatchId, slice: number): Promise<boolean> => {
  const each = await Promise.all(Array.from({ length: 10 }, (_, i) => results.get(id, slice * 10 + i)));
  return each.includes('pending');
};

test('a request of which four workers died is worker_lost, and the others of its slice succeed', async () => {
  const { id } = await sealBatch(batches, 10);
  const asked = await runUntilDone(id, 1, [4]);
  expect(asked).toEqual([[0, 1, 2, 3, 4], [4], [4], [4], [5, 6, 7, 8, 9]]);
  expect((await batches.get(id))?.counts).toMatchObject({ total: 10, succeeded: 9, failed: 1 });
  expect(await results.get(id, 4)).toMatchObject({
    outcome: 'failed',
    failure: { code: 'worker_lost', message: '4 workers died while this request was under way' },
    attempts: [],
  });
});

test('two of them in one slice are both found', async () => {
  const { id } = await sealBatch(batches, 10);
  await runUntilDone(id, 1, [0, 7]);
  expect((await batches.get(id))?.counts).toMatchObject({ succeeded: 8, failed: 2 });
});

test('slices that stalled along with it lose nothing', async () => {
  const { id } = await sealBatch(batches, 40);
  await runUntilDone(id, 4, [20]);
  expect((await batches.get(id))?.counts).toMatchObject({ total: 40, succeeded: 39, failed: 1 });
  expect(((await results.get(id, 20)) as StoredResult).failure?.code).toBe('worker_lost');
});

test('a request that is lost keeps the attempts that are known of it', async () => {
  const { id } = await sealBatch(batches, 10);
  const attempts = [{ startedAt: 1_700_000_000_000, waitMs: 0, totalMs: 12.5, status: 503 }];
  await slices.claim(id, 0);
  await slices.release(id, 0, new Map([[3, { attempts, notBefore: 1 }]]));
  await runUntilDone(id, 1, [3]);
  expect(await results.get(id, 3)).toMatchObject({ failure: { code: 'worker_lost' }, attempts });
});

test('a request that stands in line has nothing counted against it when its worker dies', async () => {
  const { id } = await sealBatch(batches, 10);
  const line = { hasCome: false };
  const { run, asked } = createWorker([], async (index) => {
    if (index < 3) return;
    line.hasCome = true;
    await new Promise(() => {});
  });
  void run(id, 0, 2);
  await waitFor(() => line.hasCome);
  expect(asked).toEqual([0, 1, 2]);
  expect(await suspects.blame(id, 0, 3)).toEqual(new Map());
});

test('a request that lives has nothing counted against it when its worker ends later', async () => {
  const { id } = await sealBatch(batches, 10);
  const { run, signals } = createWorker();
  const left = await run(id, 0, 2, async () => signals.abort());
  expect([...left.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await suspects.blame(id, 0, 3)).toEqual(new Map());
});
