import { deflateRawSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { Packr } from 'msgpackr';
import type { BatchId } from '../../shared/batch.ts';
import { withoutRuns } from '../../shared/slice.ts';
import type { ClaimedSlice, Taken } from '../../shared/slice-store.ts';
import { UnknownVersionError } from '../../shared/unknown-version.ts';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results, slices } = createStores(redis, prefix);

/** A claim of a slice that no void job holds. */
const take = async (id: BatchId, slice: number, taken?: Taken): Promise<ClaimedSlice | undefined> => {
  const claimed = await slices.claim(id, slice, taken);
  if (claimed === 'held') throw new Error('the slice is held');
  return claimed;
};

test('a claim gives the requests that have no result yet, and counts them as running', async () => {
  const { id } = await sealBatch(batches, 25);
  await results.record(id, [succeeded(11), succeeded(14)]);
  const claimed = await take(id, 1);
  expect(claimed?.requests.map(({ index }) => index)).toEqual([10, 12, 13, 15, 16, 17, 18, 19]);
  expect(claimed?.batch.id).toBe(id);
  const batch = await batches.get(id);
  expect(batch?.counts).toMatchObject({ total: 25, pending: 15, running: 8, succeeded: 2 });
  expect(batch?.startedAt).toBeGreaterThanOrEqual(batch?.createdAt ?? Infinity);
});

test('claiming again after a crash counts nothing twice', async () => {
  const { id } = await sealBatch(batches, 10);
  await slices.claim(id, 0);
  await results.record(id, [succeeded(0)]);
  await slices.claim(id, 0);
  expect((await batches.get(id))?.counts).toMatchObject({ pending: 0, running: 9, succeeded: 1 });
});

test('there is nothing to claim once all is recorded, or the batch has ended or is gone', async () => {
  const done = await sealBatch(batches, 12);
  await results.record(
    done.id,
    [10, 11].map((index) => succeeded(index)),
  );
  expect(await slices.claim(done.id, 1)).toBeUndefined();
  const cancelled = await sealBatch(batches, 5);
  await batches.close(cancelled.id, 'cancelled');
  expect(await slices.claim(cancelled.id, 0)).toBeUndefined();
  await batches.remove(cancelled.id, 'anna');
  expect(await slices.claim(cancelled.id, 0)).toBeUndefined();
  expect(await redis.exists(keys.batch(cancelled.id).meta)).toBe(0);
});

test('a slice that an earlier version wrote is claimed like any other', async () => {
  const { id } = await sealBatch(batches, 25);
  await results.record(id, [succeeded(11)]);
  const { slices: packed } = keys.batch(id);
  const written = await redis.hgetBuffer(packed, '1');
  await redis.hset(packed, '1', withoutRuns(written ?? Buffer.of()));
  expect((await take(id, 1))?.requests.map(({ index }) => index)).toEqual([
    10, 12, 13, 14, 15, 16, 17, 18, 19,
  ]);
  expect((await batches.get(id))?.counts).toMatchObject({ pending: 15, running: 9 });
});

test('what a newer version wrote is not claimed, or given back', async () => {
  const { id } = await sealBatch(batches, 10);
  const { attempts, slices: packed } = keys.batch(id);
  const newer = new Packr({ useRecords: false }).pack([99, 'who knows']);
  await redis.hset(attempts, '0', newer);
  await expect(slices.claim(id, 0)).rejects.toThrow(UnknownVersionError);
  expect((await batches.get(id))?.counts).toMatchObject({ pending: 10, running: 0 });
  await redis.hdel(attempts, '0');
  const written = (await redis.hgetBuffer(packed, '0')) ?? Buffer.of();
  const ahead = written.subarray(0, written.length - withoutRuns(written).length);
  for (const unknown of [deflateRawSync(newer), Buffer.concat([ahead, deflateRawSync(newer)])]) {
    await redis.hset(packed, '0', unknown);
    await expect(slices.claim(id, 0)).rejects.toThrow(UnknownVersionError);
    expect((await batches.get(id))?.counts).toMatchObject({ pending: 10, running: 0 });
  }
});

test('the clock moves up to the tag of what is taken, never back, and not for what is not', async () => {
  const { id } = await sealBatch(batches, 30);
  const clockAfter = async (slice: number, tag: number): Promise<string | null> => {
    await slices.claim(id, slice, { tag });
    return await redis.get(keys.clock);
  };
  expect(await clockAfter(1, 40)).toBe('40');
  expect(await clockAfter(0, 7)).toBe('40');
  await batches.close(id, 'cancelled');
  expect(await clockAfter(2, 50)).toBe('40');
});

test('a released slice is pending again, and remembers what its requests went through', async () => {
  const { id } = await sealBatch(batches, 10);
  await slices.claim(id, 0);
  const history = {
    attempts: [{ startedAt: 1_700_000_000_000, waitMs: 0, totalMs: 12.5, status: 503 }],
    notBefore: 1_700_000_001_500,
  };
  await slices.release(id, 0, new Map([[4, history]]));
  expect((await batches.get(id))?.counts).toMatchObject({ pending: 10, running: 0 });
  expect((await take(id, 0))?.histories).toEqual(new Map([[4, history]]));
});

/** As resuming a batch does. */
const raiseGeneration = (id: BatchId, generation: number): Promise<unknown> =>
  redis.hset(keys.batch(id).meta, 'generation', generation);
const jobOf = (name: string): string => `${prefix}:slices:${name}`;

test('a job of an older generation finds nothing to do', async () => {
  const { id } = await sealBatch(batches, 10);
  await raiseGeneration(id, 1);
  expect(await take(id, 0)).toBeUndefined();
  expect((await batches.get(id))?.counts).toMatchObject({ pending: 10, running: 0 });
  expect((await take(id, 0, { generation: 1 }))?.requests).toHaveLength(10);
});

test('a slice that an older job still runs is not run beside it', async () => {
  const { id } = await sealBatch(batches, 10);
  await redis.hset(jobOf(`${id}-0`), 'name', 'slice');
  await slices.claim(id, 0);
  await raiseGeneration(id, 1);
  expect(await slices.claim(id, 0, { generation: 1 })).toBe('held');
  await results.record(id, [succeeded(0), succeeded(1)]);
  expect(await slices.claim(id, 0, { generation: 1 })).toBe('held');
  await slices.release(id, 0, new Map());
  expect((await take(id, 0, { generation: 1 }))?.requests).toHaveLength(8);
  expect((await batches.get(id))?.counts).toMatchObject({ running: 8, succeeded: 2 });
});

test('what a void job holds is free again once its worker is known to be gone, or the job itself', async () => {
  const { id } = await sealBatch(batches, 20);
  for (const slice of [0, 1]) {
    await redis.hset(jobOf(`${id}-${slice}`), 'name', 'slice');
    await slices.claim(id, slice);
  }
  await raiseGeneration(id, 1);
  expect(await take(id, 0)).toBeUndefined();
  expect((await batches.get(id))?.counts).toMatchObject({ pending: 10, running: 10 });
  expect((await take(id, 0, { generation: 1 }))?.requests).toHaveLength(10);
  expect(await slices.claim(id, 1, { generation: 1 })).toBe('held');
  await redis.del(jobOf(`${id}-1`));
  expect((await take(id, 1, { generation: 1 }))?.requests).toHaveLength(10);
  expect((await batches.get(id))?.counts).toMatchObject({ pending: 0, running: 20 });
});

test('a batch is read anew for each generation', async () => {
  const { id, expiresAt } = await sealBatch(batches, 10);
  expect((await take(id, 0))?.batch.expiresAt).toBe(expiresAt);
  await redis.hset(keys.batch(id).meta, { expiresAt: 5, generation: 1 });
  expect((await take(id, 0, { generation: 1 }))?.batch.expiresAt).toBe(5);
});
