import { afterAll, expect, test } from '@jest/globals';
import { createBatchControl } from '../../shared/batch-control.ts';
import { createBatchStore } from '../../shared/batch-store.ts';
import type { BatchId } from '../../shared/batch.ts';
import { createOutbox } from '../../shared/outbox.ts';
import { dropQueued } from '../../shared/queued-slices.ts';
import { createSliceQueue, queueKey } from '../../shared/queue.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { createStores, failed, sealBatch } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, url, prefix } = testRedis();
const { keys, batches, results } = createStores(redis, prefix);
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

const outbox = createOutbox(redis, keys, batches, queue);
const dispatch = async (id: BatchId): Promise<void> => {
  const batch = await batches.get(id);
  if (batch !== undefined) await outbox.dispatch(batch);
};

const end = (id: BatchId): Promise<number> => redis.hset(keys.batch(id).meta, 'endedAt', Date.now());

test('every job of the batch leaves the queue, in line or delayed, of every generation, and no other', async () => {
  const [id, other] = [await enqueued(3), await enqueued(1)];
  await redis.zrem(prioritized, `${id}-1`);
  await redis.zadd(delayed, 9e15, `${id}-1`);
  await redis.hset(keys.batch(id).meta, 'generation', 1);
  await queue.enqueue(id, [2], { start: 1, spacing: 1, generation: 1 });
  await end(id);
  await dropQueued(redis, keys, id);
  expect(await jobsOf(id)).toEqual([]);
  expect(await jobsOf(other)).toHaveLength(2);
});

test('a job that a worker has stays', async () => {
  const id = await enqueued(1);
  await redis.zrem(prioritized, `${id}-0`);
  await redis.rpush(queueKey(prefix, 'active'), `${id}-0`);
  await end(id);
  await dropQueued(redis, keys, id);
  expect(await jobsOf(id)).toEqual([queueKey(prefix, `${id}-0`)]);
});

test('a batch that is cancelled leaves no job behind', async () => {
  const id = await enqueued(600);
  await batches.close(id, 'cancelled');
  expect(await jobsOf(id)).toEqual([]);
});

test('a batch that runs keeps its jobs', async () => {
  const id = await enqueued(1);
  await dropQueued(redis, keys, id);
  expect(await jobsOf(id)).toHaveLength(2);
});

test.each(['hmget', 'evalsha'] as const)(
  'a retry that comes in between while its batch is removed keeps its jobs, and the batch (before %s)',
  async (command) => {
    const { id, owner } = await sealBatch(batches, 10);
    await dispatch(id);
    await redis.zrem(prioritized, `${id}-0`);
    await redis.del(queueKey(prefix, `${id}-0`));
    await results.record(
      id,
      Array.from({ length: 10 }, (_, index) => failed(index)),
    );
    const retry = async (): Promise<void> => {
      await createBatchControl(redis, keys).retry(id, () => true);
      await dispatch(id);
    };
    const interrupted = connectRedis(url, 'store');
    const send = interrupted[command].bind(interrupted) as (...sent: unknown[]) => Promise<unknown>;
    const once = { retry };
    Object.assign(interrupted, {
      async [command](...sent: unknown[]) {
        await once.retry();
        once.retry = async () => {};
        return send(...sent);
      },
    });
    expect(await createBatchStore(interrupted, keys).remove(id, owner)).toBe(false);
    await closeRedis(interrupted);
    expect(await jobsOf(id)).toEqual([`${id}-0-1`, queueKey(prefix, `${id}-0-1`)]);
    expect((await batches.get(id))?.counts).toMatchObject({ pending: 10 });
  },
);
