import { expect, test } from '@jest/globals';
import { createDeliveryStore, type DeliveryVerdict } from '../../shared/webhook-delivery-store.ts';
import { createWebhookLog } from '../../shared/webhook-log.ts';
import type { Delivery } from '../../shared/webhook-queue.ts';
import { webhookEventTypes, type NewWebhook } from '../../shared/webhook.ts';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results } = createStores(redis, prefix);
const store = createDeliveryStore(redis, keys);
const log = createWebhookLog(redis, keys);

const entry = { startedAt: 5, durationMs: 1.5, status: 500 };

/** An ended batch, and its event as it stands on the queue. */
const setup = async (more: Partial<NewWebhook> = {}): Promise<Delivery> => {
  const webhook = { url: 'https://example.com/hook', events: webhookEventTypes, ...more };
  const { id } = await sealBatch(batches, 1, { webhook });
  await results.record(id, [succeeded(0)]);
  return { v: 1, batchId: id, event: 1, round: 0 };
};

/** Another event, which happened to the batch before. */
const addProgress = async ({ batchId }: Delivery): Promise<Delivery> => {
  const { webhooks, meta } = keys.batch(batchId);
  const facts = (await redis.hget(webhooks, '1')) ?? '';
  await redis.hset(webhooks, '1', facts.replace('completed', 'progress'), '2', facts);
  await redis.hset(meta, 'webhookCount', 2);
  return { v: 1, batchId, event: 2, round: 0 };
};

const scoreOf = async ({ batchId, event }: Delivery): Promise<number | undefined> => {
  const score = await redis.zscore(keys.undelivered, `${batchId}:${event}`);
  return score === null ? undefined : Number(score);
};

const tell = async (delivery: Delivery, attempt: string, verdict: DeliveryVerdict): Promise<void> => {
  expect(await store.claim(delivery, attempt, 1000)).toMatchObject({ is: 'tell' });
  await store.note(delivery, attempt, { entry, verdict });
};

test('an event that was delivered is settled, and not told again', async () => {
  const delivery = await setup();
  expect(await store.claim(delivery, 'a', 1000)).toMatchObject({
    is: 'tell',
    tries: 0,
    event: { type: 'batch.completed', counts: { total: 1, succeeded: 1 } },
  });
  await store.note(delivery, 'a', { entry: { ...entry, status: 204 }, verdict: { status: 'delivered' } });
  expect(await store.claim(delivery, 'b', 1000)).toEqual({ is: 'done' });
  const record = await log.get(delivery.batchId, 1);
  expect(record).toMatchObject({ status: 'delivered', attempts: [{ ...entry, status: 204 }] });
  expect(record?.nextAttemptAt).toBeUndefined();
  expect(await scoreOf(delivery)).toBeUndefined();
});

test('an attempt that failed is counted once, and the next waits for its time', async () => {
  const delivery = await setup();
  await tell(delivery, 'a', { status: 'pending', afterMs: 60_000 });
  await store.note(delivery, 'a', { entry, verdict: { status: 'pending', afterMs: 60_000 } });
  const record = await log.get(delivery.batchId, 1);
  expect(record).toMatchObject({ status: 'pending', attempts: [entry] });
  expect(record?.nextAttemptAt).toBeGreaterThan(Date.now() + 30_000);
  expect(await scoreOf(delivery)).toBeGreaterThan(record?.nextAttemptAt ?? Infinity);
  const early = await store.claim(delivery, 'b', 1000);
  expect(early).toMatchObject({ is: 'later' });
  expect('afterMs' in early && early.afterMs).toBeGreaterThan(30_000);
  await redis.hset(keys.batch(delivery.batchId).webhooks, '1:next', 1);
  expect(await store.claim(delivery, 'b', 1000)).toMatchObject({ is: 'tell', tries: 1 });
});

test('one event of a batch is told at a time, until its worker is silent for too long', async () => {
  const first = await setup();
  const second = await addProgress(first);
  await redis.hset(keys.batch(first.batchId).webhooks, '1:round', 1);
  const again = { ...first, round: 1 };
  expect(await store.claim(again, 'a', 300)).toMatchObject({ is: 'tell' });
  expect(await store.claim(again, 'a', 300)).toMatchObject({ is: 'tell' });
  expect(await store.claim(second, 'b', 300)).toEqual({ is: 'later', afterMs: 250 });
  await waitFor(async () => (await store.claim(second, 'b', 300)).is === 'tell');
});

test('an attempt that was given up leaves nothing behind', async () => {
  const delivery = await setup();
  await store.claim(delivery, 'a', 60_000);
  await store.giveUp(delivery, 'a');
  expect(await log.get(delivery.batchId, 1)).toMatchObject({ status: 'pending', attempts: [] });
  expect(await store.claim(delivery, 'b', 1000)).toMatchObject({ is: 'tell', tries: 0 });
});

test('progress is not told once something newer has happened', async () => {
  const progress = await setup();
  const end = await addProgress(progress);
  expect(await store.claim(progress, 'a', 1000)).toEqual({ is: 'done' });
  expect(await log.get(progress.batchId, 1)).toMatchObject({ status: 'abandoned', attempts: [] });
  expect(await scoreOf(progress)).toBeUndefined();
  expect(await store.claim(end, 'a', 1000)).toMatchObject({ is: 'tell' });
});

test('a receiver that wants nothing more is told nothing more', async () => {
  const first = await setup();
  const second = await addProgress(first);
  await tell(second, 'a', { status: 'abandoned', isGone: true });
  await log.resend(first.batchId, 2);
  await tell({ ...second, round: 1 }, 'b', { status: 'abandoned', isGone: true });
  const third = { ...second, event: 3 };
  await redis.hset(keys.batch(first.batchId).webhooks, '3', '["batch.completed",1,0,[1,0,1,0,0,0]]');
  expect(await store.claim(third, 'c', 1000)).toEqual({ is: 'done' });
  expect(await log.get(first.batchId, 3)).toMatchObject({ status: 'abandoned', attempts: [] });
});

test('after it was sent again on request, a job from before is done, and its end only noted', async () => {
  const delivery = await setup();
  await store.claim(delivery, 'a', 1000);
  await log.resend(delivery.batchId, 1);
  await store.note(delivery, 'a', { entry, verdict: { status: 'failed' } });
  expect(await log.get(delivery.batchId, 1)).toMatchObject({ status: 'pending', attempts: [entry] });
  expect(await store.claim(delivery, 'b', 1000)).toEqual({ is: 'done' });
  expect(await store.claim({ ...delivery, round: 1 }, 'c', 1000)).toMatchObject({ is: 'tell', tries: 0 });
});

test('of an event that is gone nothing is told, noted or left', async () => {
  const delivery = await setup();
  await store.claim(delivery, 'a', 1000);
  await batches.remove(delivery.batchId, 'anna');
  await store.note(delivery, 'a', { entry, verdict: { status: 'abandoned', isGone: true } });
  expect(await store.claim(delivery, 'a', 1000)).toEqual({ is: 'done' });
  expect(await redis.keys(`${prefix}:{${delivery.batchId}}:*`)).toEqual([]);
  expect(await scoreOf(delivery)).toBeUndefined();
});

test('what is kept of attempts is bounded, and the latest are kept', async () => {
  const delivery = await setup();
  await store.claim(delivery, 'a', 1000);
  for (let i = 0; i < 40; i++) {
    const long = {
      startedAt: i,
      durationMs: 1,
      failure: { code: 'timed_out', message: 'x'.repeat(1000) },
    } as const;
    await store.note(delivery, `a${i}`, { entry: long, verdict: { status: 'pending', afterMs: 0 } });
  }
  const { attempts = [] } = (await log.get(delivery.batchId, 1)) ?? {};
  expect(attempts.at(-1)?.startedAt).toBe(39);
  expect(attempts.length).toBeGreaterThan(10);
  expect(await redis.hstrlen(keys.batch(delivery.batchId).webhooks, '1:log')).toBeLessThanOrEqual(16_384);
});

test('who delivers gets the secret and the header fields', async () => {
  const secrets = { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', headers: { 'X-Token': 't' } };
  expect(await store.secrets((await setup(secrets)).batchId)).toEqual(secrets);
  expect(await store.secrets((await setup()).batchId)).toEqual({});
});
