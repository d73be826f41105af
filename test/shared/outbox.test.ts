import { expect, test } from '@jest/globals';
import type { BatchId, BatchRecord } from '../../shared/batch.ts';
import { createOutbox } from '../../shared/outbox.ts';
import type { SliceQueue } from '../../shared/queue.ts';
import type { Turn } from '../../shared/turn.ts';
import { createStores, sealBatch } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches } = createStores(redis, prefix);

const recordingQueue = (): SliceQueue & { readonly enqueued: unknown[] } => {
  const enqueued: unknown[] = [];
  return {
    enqueued,
    enqueue: async (id, count, turn) => void enqueued.push([id, count, turn]),
    close: () => Promise.resolve(),
  };
};

/** As if the batch had waited in the outbox until a worker was to see to it. */
const comeDue = (id: BatchId): Promise<unknown> => redis.zadd(keys.outbox, 'XX', 1, id);

test('a dispatched batch leaves the outbox', async () => {
  const queue = recordingQueue();
  const outbox = createOutbox(redis, keys, batches, queue);
  const batch = await sealBatch(batches, 25);
  await outbox.dispatch(batch);
  expect(queue.enqueued).toEqual([[batch.id, 3, expect.anything()]]);
  expect(await redis.zscore(keys.outbox, batch.id)).toBeNull();
});

test('what its API left behind is dispatched once it has waited long enough', async () => {
  const queue = recordingQueue();
  const outbox = createOutbox(redis, keys, batches, queue);
  const { id } = await sealBatch(batches, 25);
  expect(await outbox.reconcile()).toBe(0);
  await comeDue(id);
  expect(await outbox.reconcile()).toBe(1);
  expect(queue.enqueued).toEqual([[id, 3, expect.anything()]]);
  expect(await outbox.reconcile()).toBe(0);
});

test('a batch that only a newer version can read waits for one, and holds up no other', async () => {
  const queue = recordingQueue();
  const outbox = createOutbox(redis, keys, batches, queue);
  const [newer, known] = [await sealBatch(batches, 1), await sealBatch(batches, 1)];
  await redis.hset(keys.batch(newer.id).meta, 'v', 2);
  await comeDue(newer.id);
  await comeDue(known.id);
  await outbox.reconcile();
  expect(queue.enqueued).toEqual([[known.id, 1, expect.anything()]]);
  expect(await redis.zscore(keys.outbox, newer.id)).not.toBeNull();
  await redis.zrem(keys.outbox, newer.id);
});

test('a batch that could not be dispatched stays in the outbox', async () => {
  const queue = { ...recordingQueue(), enqueue: () => Promise.reject(new Error('Redis is full')) };
  const outbox = createOutbox(redis, keys, batches, queue);
  const batch = await sealBatch(batches, 1);
  await expect(outbox.dispatch(batch)).rejects.toThrow('Redis is full');
  expect(await redis.zscore(keys.outbox, batch.id)).not.toBeNull();
  await redis.zrem(keys.outbox, batch.id);
});

test('a batch stays in the outbox where Redis, gone back in time, knows nothing of its turn', async () => {
  const queue = recordingQueue();
  const forgetful = {
    ...queue,
    enqueue: async (id: BatchId): Promise<void> =>
      void (await redis.hdel(keys.batch(id).meta, 'startTag', 'tagSpacing')),
  };
  const batch = await sealBatch(batches, 1);
  await createOutbox(redis, keys, batches, forgetful).dispatch(batch);
  expect(await redis.zscore(keys.outbox, batch.id)).not.toBeNull();
  await createOutbox(redis, keys, batches, queue).dispatch(batch);
  expect(queue.enqueued).toHaveLength(1);
  expect(await redis.zscore(keys.outbox, batch.id)).toBeNull();
});

test('a batch that has ended meanwhile is not dispatched', async () => {
  const queue = recordingQueue();
  const { id } = await sealBatch(batches, 1);
  await batches.close(id, 'cancelled');
  await redis.zadd(keys.outbox, 0, id);
  await createOutbox(redis, keys, batches, queue).reconcile();
  expect(queue.enqueued).toEqual([]);
  expect(await redis.zscore(keys.outbox, id)).toBeNull();
});

const turnsOf = async (...made: readonly BatchRecord[]): Promise<Turn[]> => {
  const queue = recordingQueue();
  const outbox = createOutbox(redis, keys, batches, queue);
  for (const batch of made) await outbox.dispatch(batch);
  return queue.enqueued.map((call) => (call as [BatchId, number, Turn])[2]);
};

test('a batch starts at the time of the queue, and keeps its place when it is dispatched again', async () => {
  await redis.set(keys.clock, 700);
  const batch = await sealBatch(batches, 1, { owner: 'punctual' });
  const [first] = await turnsOf(batch);
  await redis.set(keys.clock, 900);
  await sealBatch(batches, 1, { owner: 'punctual' });
  expect([first, ...(await turnsOf(batch))]).toEqual([
    { start: 700, spacing: 1, generation: 0, linedUp: 0 },
    { start: 700, spacing: 1, generation: 0, linedUp: 0 },
  ]);
});

test('a batch that has its place in line is not asked for it again', async () => {
  const queue = recordingQueue();
  const batch = await sealBatch(batches, 25);
  const turn = { start: 900, spacing: 4, generation: 0 };
  await createOutbox(redis, keys, batches, queue).dispatch(batch, turn);
  expect(queue.enqueued).toEqual([[batch.id, 3, expect.objectContaining(turn)]]);
  expect(await redis.zscore(keys.outbox, batch.id)).toBeNull();
});

test('of several workers one takes what is due, and the others take it up where that one dies', async () => {
  const broken = { ...recordingQueue(), enqueue: () => Promise.reject(new Error('died')) };
  const queue = recordingQueue();
  const { id } = await sealBatch(batches, 1);
  await comeDue(id);
  await expect(createOutbox(redis, keys, batches, broken).reconcile()).rejects.toThrow('died');
  const outbox = createOutbox(redis, keys, batches, queue);
  expect(await outbox.reconcile()).toBe(0);
  await comeDue(id);
  expect(await outbox.reconcile()).toBe(1);
  expect(queue.enqueued).toHaveLength(1);
});

test('a batch does not start before its time, and is due then', async () => {
  const queue = recordingQueue();
  const outbox = createOutbox(redis, keys, batches, queue);
  const notBefore = Date.now() + 3000;
  const batch = await sealBatch(batches, 1, { notBefore });
  await outbox.dispatch(batch);
  expect(queue.enqueued).toEqual([]);
  expect(await redis.zscore(keys.outbox, batch.id)).toBe(String(notBefore));
  await redis.hset(keys.batch(batch.id).meta, 'notBefore', Date.now() - 1);
  await comeDue(batch.id);
  expect(await outbox.reconcile()).toBe(1);
  expect(queue.enqueued).toHaveLength(1);
});

test('a time in the past means now', async () => {
  const queue = recordingQueue();
  await createOutbox(redis, keys, batches, queue).dispatch(await sealBatch(batches, 1, { notBefore: 1 }));
  expect(queue.enqueued).toHaveLength(1);
});

test('an owner with several unfinished batches has them share, another owner does not notice', async () => {
  const ours = [
    await sealBatch(batches, 1, { owner: 'busy' }),
    await sealBatch(batches, 1, { owner: 'busy' }),
  ];
  const theirs = await sealBatch(batches, 1, { owner: 'busy2' });
  const preferred = await sealBatch(batches, 1, { owner: 'busy3', priority: 70 });
  expect((await turnsOf(...ours, theirs, preferred)).map(({ spacing }) => spacing)).toEqual([1, 2, 1, 0.25]);
  const [ended] = ours;
  if (ended !== undefined) await batches.close(ended.id, 'cancelled');
  const next = await sealBatch(batches, 1, { owner: 'busy' });
  expect((await turnsOf(next)).map(({ spacing }) => spacing)).toEqual([2]);
});

test('the clock starts again once it is far on and nothing is on the queue', async () => {
  const active = `${keys.queuePrefix}:slices:active`;
  await redis.set(keys.clock, 1_500_000);
  await redis.lpush(active, 'a slice');
  const [kept] = await turnsOf(await sealBatch(batches, 1));
  expect(kept?.start).toBe(1_500_000);
  await redis.del(active);
  const [restarted] = await turnsOf(await sealBatch(batches, 1));
  expect(restarted?.start).toBe(1);
});
