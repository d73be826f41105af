import { expect, test } from '@jest/globals';
import type { BatchId } from '../../shared/batch.ts';
import { createWebhookOutbox } from '../../shared/webhook-outbox.ts';
import type { Delivery, DeliveryQueue } from '../../shared/webhook-queue.ts';
import { webhookEventTypes } from '../../shared/webhook.ts';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results } = createStores(redis, prefix);
const webhook = { url: 'https://example.com/hook', events: webhookEventTypes };

const recordingQueue = (): DeliveryQueue & { readonly enqueued: Delivery[] } => {
  const enqueued: Delivery[] = [];
  return {
    enqueued,
    enqueue: async (deliveries) => void enqueued.push(...deliveries),
    close: () => Promise.resolve(),
  };
};

const endBatch = async (): Promise<BatchId> => {
  const { id } = await sealBatch(batches, 1, { webhook });
  await results.record(id, [succeeded(0)]);
  return id;
};

/** As if a worker were to look again by now. */
const comeDue = (id: BatchId): Promise<unknown> => redis.zadd(keys.undelivered, 'XX', 1, `${id}:1`);

test('an event goes on the queue once, and is looked after until it is settled', async () => {
  const queue = recordingQueue();
  const outbox = createWebhookOutbox(redis, keys, queue);
  const batchId = await endBatch();
  expect(await outbox.reconcile()).toBe(1);
  expect(await outbox.reconcile()).toBe(0);
  expect(queue.enqueued).toEqual([{ v: 1, batchId, event: 1, round: 0 }]);
  await comeDue(batchId);
  await redis.hset(keys.batch(batchId).webhooks, '1:round', 2);
  expect(await outbox.reconcile()).toBe(1);
  expect(queue.enqueued.at(-1)).toEqual({ v: 1, batchId, event: 1, round: 2 });
  await redis.zrem(keys.undelivered, `${batchId}:1`);
});

test('what a worker could not put on the queue before it died, another does', async () => {
  const broken = { ...recordingQueue(), enqueue: () => Promise.reject(new Error('died')) };
  const queue = recordingQueue();
  const batchId = await endBatch();
  await expect(createWebhookOutbox(redis, keys, broken).reconcile()).rejects.toThrow('died');
  await comeDue(batchId);
  expect(await createWebhookOutbox(redis, keys, queue).reconcile()).toBe(1);
  expect(queue.enqueued).toHaveLength(1);
  await redis.zrem(keys.undelivered, `${batchId}:1`);
});

test('an event is forgotten that is settled, or went with its batch', async () => {
  const queue = recordingQueue();
  const [settled, removed] = [await endBatch(), await endBatch()];
  await redis.hset(keys.batch(settled).webhooks, '1:status', 'delivered');
  await batches.remove(removed, 'anna');
  expect(await createWebhookOutbox(redis, keys, queue).reconcile()).toBe(2);
  expect(queue.enqueued).toEqual([]);
  expect(await redis.exists(keys.undelivered)).toBe(0);
});

test('however many there are, all are seen to', async () => {
  const queue = recordingQueue();
  const ids = await Promise.all(Array.from({ length: 230 }, endBatch));
  expect(await createWebhookOutbox(redis, keys, queue).reconcile()).toBe(230);
  expect(new Set(queue.enqueued.map(({ batchId }) => batchId))).toEqual(new Set(ids));
});
