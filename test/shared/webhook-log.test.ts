import { expect, test } from '@jest/globals';
import { createBatchControl } from '../../shared/batch-control.ts';
import type { BatchId } from '../../shared/batch.ts';
import type { DeliveryRecord } from '../../shared/webhook-event.ts';
import { createWebhookLog } from '../../shared/webhook-log.ts';
import { webhookEventTypes, type NewWebhook } from '../../shared/webhook.ts';
import { createStores, failed, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results } = createStores(redis, prefix);
const log = createWebhookLog(redis, keys);
const control = createBatchControl(redis, keys);

const webhook: NewWebhook = { url: 'https://example.com/hook', events: webhookEventTypes };
const eventsOf = async (id: BatchId): Promise<readonly DeliveryRecord[]> =>
  (await log.page(id, { after: 0, limit: 100 })).events;
const typesOf = async (id: BatchId): Promise<string[]> => (await eventsOf(id)).map(({ type }) => type);
const isUndelivered = async (id: BatchId, number: number): Promise<boolean> =>
  (await redis.zscore(keys.undelivered, `${id}:${number}`)) !== null;

test('the last result makes one event, however often it is recorded, and it waits to be delivered', async () => {
  const { id } = await sealBatch(batches, 2, { webhook });
  await results.record(id, [succeeded(0)]);
  expect(await eventsOf(id)).toEqual([]);
  await results.record(id, [failed(1)]);
  await results.record(id, [failed(1)]);
  const batch = await batches.get(id);
  expect(await eventsOf(id)).toEqual([
    {
      number: 1,
      type: 'batch.completed',
      at: batch?.endedAt,
      counts: { total: 2, pending: 0, running: 0, succeeded: 1, failed: 1, cancelled: 0, expired: 0 },
      status: 'pending',
      attempts: [],
    },
  ]);
  expect(await isUndelivered(id, 1)).toBe(true);
});

test.each(['cancelled', 'expired'] as const)('a batch that is %s says so, once', async (as) => {
  const { id } = await sealBatch(batches, 3, { webhook, expiresInSeconds: as === 'expired' ? 0 : 60 });
  await results.record(id, [succeeded(0)]);
  await batches.close(id, as);
  await batches.close(id, 'cancelled');
  const [event, ...others] = await eventsOf(id);
  expect(others).toEqual([]);
  expect(event).toMatchObject({
    type: `batch.${as}`,
    counts: { total: 3, succeeded: 1, [as]: 2, pending: 0 },
  });
});

test('what the webhook does not want to hear of makes no event, nor does a batch without a webhook', async () => {
  const picky = await sealBatch(batches, 1, { webhook: { ...webhook, events: ['batch.expired'] } });
  const plain = await sealBatch(batches, 1);
  for (const { id } of [picky, plain]) {
    await results.record(id, [succeeded(0)]);
    expect(await eventsOf(id)).toEqual([]);
    expect(await redis.exists(keys.batch(id).webhooks)).toBe(0);
    expect(await isUndelivered(id, 1)).toBe(false);
  }
});

test('progress is told when a step is passed, at most once a second, and not at the end', async () => {
  const { id } = await sealBatch(batches, 100, { webhook: { ...webhook, progressPercent: 10 } });
  const record = (from: number, to: number): Promise<unknown> =>
    results.record(
      id,
      Array.from({ length: to - from }, (_, i) => succeeded(from + i)),
    );
  const lastTold = (at: number): Promise<unknown> => redis.hset(keys.batch(id).meta, 'webhookToldAt', at);
  const aSecondPasses = (): Promise<unknown> => lastTold(1);
  await record(0, 9);
  expect(await typesOf(id)).toEqual([]);
  await record(9, 35);
  await lastTold(Date.now() + 60_000);
  await record(35, 48);
  expect((await eventsOf(id)).map(({ counts }) => counts.succeeded)).toEqual([35]);
  await aSecondPasses();
  await record(48, 49);
  await aSecondPasses();
  await record(49, 50);
  expect((await eventsOf(id)).map(({ counts }) => counts.succeeded)).toEqual([35, 49, 50]);
  await aSecondPasses();
  await record(50, 100);
  expect(await typesOf(id)).toEqual([
    'batch.progress',
    'batch.progress',
    'batch.progress',
    'batch.completed',
  ]);
});

test('a batch that ends again after a retry says so again', async () => {
  const { id } = await sealBatch(batches, 2, { webhook: { ...webhook, progressPercent: 50 } });
  await results.record(id, [succeeded(0), failed(1)]);
  await control.retry(id, () => true);
  for (const key of await redis.keys(`${prefix}:{${id}}:*`)) expect(await redis.ttl(key)).toBe(-1);
  await results.record(id, [succeeded(1)]);
  expect((await eventsOf(id)).map(({ type, counts }) => [type, counts.failed])).toEqual([
    ['batch.completed', 1],
    ['batch.completed', 0],
  ]);
  for (const key of await redis.keys(`${prefix}:{${id}}:*`)) expect(await redis.ttl(key)).toBeGreaterThan(0);
});

test('events go with their batch', async () => {
  const { id, owner } = await sealBatch(batches, 1, { webhook });
  await results.record(id, [succeeded(0)]);
  await batches.remove(id, owner);
  expect(await redis.keys(`${prefix}:{${id}}:*`)).toEqual([]);
  expect(await log.resend(id, 1)).toBe(false);
  expect(await redis.keys(`${prefix}:{${id}}:*`)).toEqual([]);
});

test('events are read page by page, each once', async () => {
  const { id } = await sealBatch(batches, 1, { webhook });
  const { webhooks, meta } = keys.batch(id);
  for (let n = 1; n <= 5; n++) await redis.hset(webhooks, n, `["batch.progress",${n},0,[1,0,0,0,0,0]]`);
  await redis.hset(meta, 'webhookCount', 5);
  const first = await log.page(id, { after: 0, limit: 3 });
  const second = await log.page(id, { after: 3, limit: 3 });
  expect([...first.events, ...second.events].map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  expect([first.isLast, second.isLast]).toEqual([false, true]);
  expect(await log.page(id, { after: 9, limit: 3 })).toMatchObject({ events: [], isLast: true });
});

test('an event can be sent again, whatever became of it', async () => {
  const { id } = await sealBatch(batches, 1, { webhook });
  await results.record(id, [succeeded(0)]);
  const { webhooks, meta } = keys.batch(id);
  await redis.hset(webhooks, '1:status', 'abandoned', '1:tries', 3);
  await redis.hset(meta, 'webhookGone', 1);
  await redis.zrem(keys.undelivered, `${id}:1`);
  expect(await log.page(id, { after: 0, limit: 1 })).toMatchObject({ isGone: true });
  expect(await log.resend(id, 1)).toBe(true);
  expect(await log.get(id, 1)).toMatchObject({ status: 'pending' });
  expect(await log.page(id, { after: 0, limit: 1 })).toMatchObject({ isGone: false });
  expect(await isUndelivered(id, 1)).toBe(true);
  expect(await log.resend(id, 2)).toBe(false);
});
