import { expect, test } from '@jest/globals';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results, slices } = createStores(redis, prefix);

test('a claim gives the requests that have no result yet, and counts them as running', async () => {
  const { id } = await sealBatch(batches, 25);
  await results.record(id, [succeeded(11), succeeded(14)]);
  const claimed = await slices.claim(id, 1);
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
  expect((await slices.claim(id, 0))?.histories).toEqual(new Map([[4, history]]));
});
