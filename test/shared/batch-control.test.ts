import { afterAll, expect, test } from '@jest/globals';
import { createBatchControl } from '../../shared/batch-control.ts';
import { statusOf, type BatchId, type BatchStatus } from '../../shared/batch.ts';
import { createOutbox } from '../../shared/outbox.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, url, prefix } = testRedis();
const { keys, batches, results, slices } = createStores(redis, prefix);
const control = createBatchControl(redis, keys);
const subscriber = connectRedis(url, 'queue');
afterAll(() => closeRedis(subscriber));

const statusNow = async (id: BatchId): Promise<BatchStatus | undefined> => {
  const batch = await batches.get(id);
  return batch && statusOf(batch);
};

const enqueued: unknown[] = [];
const outbox = createOutbox(redis, keys, batches, {
  enqueue: async (_id, which, turn) => void enqueued.push([which, turn?.generation]),
  close: () => Promise.resolve(),
});
const dispatched = async (id: BatchId): Promise<unknown[]> => {
  enqueued.length = 0;
  const batch = await batches.get(id);
  if (batch !== undefined) await outbox.dispatch(batch);
  return enqueued;
};

test('nothing of a paused batch is taken, and workers are told', async () => {
  const told: string[] = [];
  subscriber.on('message', (_channel: string, id: string) => told.push(id));
  await subscriber.subscribe(keys.paused);
  const { id } = await sealBatch(batches, 20);
  await dispatched(id);
  await slices.claim(id, 0);
  expect(await control.pause(id)).toBe(true);
  await waitFor(() => told.includes(id));
  expect(await statusNow(id)).toBe('paused');
  expect(await slices.claim(id, 1)).toBeUndefined();
  expect((await batches.get(id))?.counts).toMatchObject({ running: 10, pending: 10 });
  await slices.release(id, 0, new Map());
  expect((await batches.get(id))?.counts).toMatchObject({ running: 0, pending: 20 });
  expect(await control.pause(id)).toBe(true);
});

test('what was under way when a batch was paused is recorded, and may end it', async () => {
  const { id } = await sealBatch(batches, 1);
  await slices.claim(id, 0);
  await control.pause(id);
  await results.record(id, [succeeded(0)]);
  expect(await statusNow(id)).toBe('completed');
  expect(await control.pause(id)).toBe(false);
  expect(await control.resume(id)).toBe(false);
});

test('a resumed batch goes on with the slices that are not done, under jobs of its own', async () => {
  const { id } = await sealBatch(batches, 30);
  expect(await dispatched(id)).toEqual([[3, 0]]);
  await results.record(
    id,
    Array.from({ length: 10 }, (_, i) => succeeded(10 + i)),
  );
  await control.pause(id);
  expect(await dispatched(id)).toEqual([]);
  expect(await control.resume(id)).toBe(true);
  expect(await statusNow(id)).toBe('queued');
  expect(await redis.zscore(keys.outbox, id)).not.toBeNull();
  expect(await dispatched(id)).toEqual([[[0, 2], 1]]);
  expect(await redis.zscore(keys.outbox, id)).toBeNull();
  expect(await slices.claim(id, 0)).toBeUndefined();
  expect(await slices.claim(id, 0, { generation: 1 })).toMatchObject({ batch: { id, generation: 1 } });
});

test('a worker dispatches what was resumed where the API dies before it does', async () => {
  const { id } = await sealBatch(batches, 10);
  await dispatched(id);
  await control.pause(id);
  await control.resume(id);
  await redis.zadd(keys.outbox, 'XX', 1, id);
  enqueued.length = 0;
  expect(await outbox.reconcile()).toBe(1);
  expect(enqueued).toEqual([[[0], 1]]);
});

test('a batch that was lined up anew while it was dispatched stays in the outbox', async () => {
  const batch = await sealBatch(batches, 10);
  const { id } = batch;
  const interrupted = createOutbox(redis, keys, batches, {
    async enqueue() {
      await control.pause(id);
      await control.resume(id);
    },
    close: () => Promise.resolve(),
  });
  await interrupted.dispatch(batch);
  expect(await redis.zscore(keys.outbox, id)).not.toBeNull();
  expect(await dispatched(id)).toEqual([[[0], 1]]);
});

test('only a paused batch can be resumed, once', async () => {
  const { id } = await sealBatch(batches, 1);
  expect(await control.resume(id)).toBe(false);
  await control.pause(id);
  expect(await control.resume(id)).toBe(true);
  expect(await control.resume(id)).toBe(false);
  expect((await batches.get(id))?.generation).toBeUndefined();
});

test('a paused batch expires and is cancelled like any other', async () => {
  const due = await sealBatch(batches, 2, { expiresInSeconds: 0 });
  const cancelled = await sealBatch(batches, 2);
  for (const { id } of [due, cancelled]) await control.pause(id);
  await batches.closeExpired();
  await batches.close(cancelled.id, 'cancelled');
  expect(await statusNow(due.id)).toBe('expired');
  expect(await statusNow(cancelled.id)).toBe('cancelled');
});

test('a batch that waits for its time can be paused, and waits on when it is resumed', async () => {
  const notBefore = Date.now() + 600_000;
  const { id } = await sealBatch(batches, 1, { notBefore });
  await control.pause(id);
  expect(await redis.zscore(keys.outbox, id)).toBeNull();
  await control.resume(id);
  expect(await redis.zscore(keys.outbox, id)).toBe(String(notBefore));
  expect(await statusNow(id)).toBe('queued');
});
