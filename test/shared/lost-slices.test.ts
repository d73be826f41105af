import { afterAll, expect, test } from '@jest/globals';
import { createBatchControl } from '../../shared/batch-control.ts';
import type { BatchId } from '../../shared/batch.ts';
import { createLostSlices } from '../../shared/lost-slices.ts';
import { createOutbox } from '../../shared/outbox.ts';
import { createSliceQueue, queueKey } from '../../shared/queue.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, url, prefix } = testRedis();
const { keys, batches, results } = createStores(redis, prefix);
const connection = connectRedis(url, 'queue');
const queue = createSliceQueue(connection, keys.queuePrefix);
const outbox = createOutbox(redis, keys, batches, queue);
const lost = createLostSlices({ redis, keys, batches, queue, patienceMs: 60_000 });
afterAll(async () => {
  await queue.close();
  await closeRedis(connection);
});

const loseJobs = async (...jobs: readonly string[]): Promise<void> => {
  for (const job of jobs) {
    await redis.del(queueKey(prefix, job));
    await redis.zrem(queueKey(prefix, 'prioritized'), job);
  }
};
const jobsOf = async (id: BatchId): Promise<string[]> =>
  (await redis.zrange(queueKey(prefix, 'prioritized'), '0', '-1')).filter((job) => job.startsWith(id));

/** As if the last look had been so long ago. */
const letPass = async (id: BatchId, ms: number): Promise<void> => {
  await redis.hincrby(keys.batch(id).meta, 'progressAt', -ms);
};

const dispatchedBatch = async (): Promise<BatchId> => {
  const batch = await sealBatch(batches, 40);
  await outbox.dispatch(batch);
  return batch.id;
};

test('puts back what has requests left and no job, where nothing has moved for long', async () => {
  const id = await dispatchedBatch();
  await loseJobs(`${id}-0`, `${id}-1`, `${id}-3`);
  await results.record(
    id,
    Array.from({ length: 10 }, (_, i) => succeeded(10 + i)),
  );
  expect(await lost.restore()).toBe(0);
  await letPass(id, 59_000);
  expect(await lost.restore()).toBe(0);
  await letPass(id, 2000);
  expect(await lost.restore()).toBe(2);
  expect(await jobsOf(id)).toEqual([`${id}-0`, `${id}-3`, `${id}-2`]);
  await letPass(id, 61_000);
  expect(await lost.restore()).toBe(0);
  await batches.close(id, 'cancelled');
});

test('a batch that moves is left alone, and so is one that is paused', async () => {
  const [moving, paused] = [await dispatchedBatch(), await dispatchedBatch()];
  await lost.restore();
  await loseJobs(`${moving}-3`, `${paused}-3`);
  await results.record(moving, [succeeded(0)]);
  await createBatchControl(redis, keys).pause(paused);
  for (const id of [moving, paused]) await letPass(id, 61_000);
  expect(await lost.restore()).toBe(0);
  await letPass(moving, 61_000);
  expect(await lost.restore()).toBe(1);
});

test('one that waits for its time is left alone', async () => {
  const { id } = await sealBatch(batches, 10, { notBefore: Date.now() + 600_000 });
  await lost.restore();
  await letPass(id, 61_000);
  expect(await lost.restore()).toBe(0);
  expect(await jobsOf(id)).toEqual([]);
});
