import { expect, test } from '@jest/globals';
import { createOutbox } from '../../shared/outbox.ts';
import type { SliceQueue } from '../../shared/queue.ts';
import { createStores, sealBatch } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches } = createStores(redis, prefix);

const recordingQueue = (): SliceQueue & { readonly enqueued: unknown[] } => {
  const enqueued: unknown[] = [];
  return {
    enqueued,
    enqueue: async (id, count) => void enqueued.push([id, count]),
    close: () => Promise.resolve(),
  };
};

test('a dispatched batch leaves the outbox', async () => {
  const queue = recordingQueue();
  const outbox = createOutbox(redis, keys, batches, queue);
  const { id, slices } = await sealBatch(batches, 25);
  await outbox.dispatch(id, slices);
  expect(queue.enqueued).toEqual([[id, 3]]);
  expect(await redis.zscore(keys.outbox, id)).toBeNull();
});

test('what its API left behind is dispatched once it has waited long enough', async () => {
  const queue = recordingQueue();
  const outbox = createOutbox(redis, keys, batches, queue);
  const { id } = await sealBatch(batches, 25);
  expect(await outbox.reconcile(60_000)).toBe(0);
  expect(await outbox.reconcile(0)).toBe(1);
  expect(queue.enqueued).toEqual([[id, 3]]);
  expect(await outbox.reconcile(0)).toBe(0);
});

test('a batch that could not be dispatched stays in the outbox', async () => {
  const queue = { ...recordingQueue(), enqueue: () => Promise.reject(new Error('Redis is full')) };
  const outbox = createOutbox(redis, keys, batches, queue);
  const { id, slices } = await sealBatch(batches, 1);
  await expect(outbox.dispatch(id, slices)).rejects.toThrow('Redis is full');
  expect(await redis.zscore(keys.outbox, id)).not.toBeNull();
  await redis.zrem(keys.outbox, id);
});

test('a batch that has ended meanwhile is not dispatched', async () => {
  const queue = recordingQueue();
  const { id } = await sealBatch(batches, 1);
  await batches.close(id, 'cancelled');
  await redis.zadd(keys.outbox, 0, id);
  await createOutbox(redis, keys, batches, queue).reconcile(0);
  expect(queue.enqueued).toEqual([]);
  expect(await redis.zscore(keys.outbox, id)).toBeNull();
});
