import { afterAll, expect, test } from '@jest/globals';
import type { BatchId } from '../../shared/batch.ts';
import { dropQueued } from '../../shared/queued-slices.ts';
import { createSliceQueue, queueKey } from '../../shared/queue.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { createStores, sealBatch } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, url, prefix } = testRedis();
const { keys, batches } = createStores(redis, prefix);
const connection = connectRedis(url, 'queue');
const queue = createSliceQueue(connection, keys.queuePrefix);
afterAll(async () => {
  await queue.close();
  await closeRedis(connection);
});

const prioritized = queueKey(prefix, 'prioritized');
const delayed = queueKey(prefix, 'delayed');
const jobsOf = async (id: BatchId): Promise<string[]> => {
  const inLine = [
    ...(await redis.zrange(prioritized, '0', '-1')),
    ...(await redis.zrange(delayed, '0', '-1')),
  ];
  const hashes = await redis.keys(queueKey(prefix, `${id}-*`));
  return [...inLine.filter((job) => job.startsWith(id)), ...hashes];
};

const enqueued = async (slices: number): Promise<BatchId> => {
  const { id } = await sealBatch(batches, slices * 10);
  await queue.enqueue(id, slices, { start: 1, spacing: 1, generation: 0 });
  return id;
};

test('every job of the batch leaves the queue, in line or delayed, of every generation, and no other', async () => {
  const [id, other] = [await enqueued(3), await enqueued(1)];
  await redis.zrem(prioritized, `${id}-1`);
  await redis.zadd(delayed, 9e15, `${id}-1`);
  await redis.hset(keys.batch(id).meta, 'generation', 1);
  await queue.enqueue(id, [2], { start: 1, spacing: 1, generation: 1 });
  await dropQueued(redis, keys, id);
  expect(await jobsOf(id)).toEqual([]);
  expect(await jobsOf(other)).toHaveLength(2);
});

test('a job that a worker has stays', async () => {
  const id = await enqueued(1);
  await redis.zrem(prioritized, `${id}-0`);
  await redis.rpush(queueKey(prefix, 'active'), `${id}-0`);
  await dropQueued(redis, keys, id);
  expect(await jobsOf(id)).toEqual([queueKey(prefix, `${id}-0`)]);
});

test('a batch that is cancelled leaves no job behind', async () => {
  const id = await enqueued(600);
  await batches.close(id, 'cancelled');
  expect(await jobsOf(id)).toEqual([]);
});
