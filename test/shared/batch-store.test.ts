import { expect, test } from '@jest/globals';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results } = createStores(redis, prefix);

test('a batch is there for its owner only', async () => {
  const { id } = await sealBatch(batches, 1, { owner: 'anna' });
  expect(await batches.get(id, 'anna')).toBeDefined();
  expect(await batches.get(id, 'ben')).toBeUndefined();
});

test('lists the batches of an owner newest first, page by page, each once', async () => {
  const owner = 'lister';
  const made = [];
  for (let i = 0; i < 5; i++) made.push((await sealBatch(batches, 1, { owner })).id);
  const first = await batches.list({ owner, limit: 2 });
  const second = await batches.list({ owner, limit: 2, after: first.next });
  const third = await batches.list({ owner, limit: 2, after: second.next });
  const walked = [first, second, third].flatMap((page) => page.batches.map(({ id }) => id));
  expect(walked).toEqual(made.toReversed());
  expect(third.next).toBeUndefined();
});

test('lists by status, and forgets batches that have expired from Redis', async () => {
  const owner = 'filterer';
  const gone = await sealBatch(batches, 1, { owner });
  const ended = await sealBatch(batches, 1, { owner });
  const waiting = await sealBatch(batches, 1, { owner });
  await batches.close(ended.id, 'cancelled');
  await redis.del(keys.batch(gone.id).meta);
  const page = await batches.list({ owner, limit: 10, status: 'cancelled' });
  expect(page.batches.map(({ id }) => id)).toEqual([ended.id]);
  expect((await batches.list({ owner, limit: 10 })).batches.map(({ id }) => id)).toEqual([
    waiting.id,
    ended.id,
  ]);
  expect(await redis.zcard(keys.batches(owner))).toBe(2);
});

test('cancelling ends what is left, keeps what is recorded, and starts the retention', async () => {
  const { id } = await sealBatch(batches, 3, { retentionSeconds: 500 });
  await results.record(id, [succeeded(1)]);
  await batches.close(id, 'cancelled');
  const batch = await batches.get(id);
  expect(batch?.counts).toMatchObject({ total: 3, pending: 0, running: 0, succeeded: 1, cancelled: 2 });
  expect(batch?.closedAs).toBe('cancelled');
  expect(batch?.endedAt).toBeGreaterThanOrEqual(batch?.createdAt ?? Infinity);
  for (const key of await redis.keys(`${prefix}:{${id}}:*`))
    expect(await redis.ttl(key)).toBeGreaterThan(400);
  await batches.close(id, 'expired');
  expect(await batches.get(id)).toEqual(batch);
});

test('a batch expires when its time has come, not before', async () => {
  const early = await sealBatch(batches, 2, { expiresInSeconds: 60 });
  const due = await sealBatch(batches, 2, { expiresInSeconds: 0 });
  expect(await batches.closeExpired()).toBe(1);
  expect((await batches.get(early.id))?.endedAt).toBeUndefined();
  expect((await batches.get(due.id))?.counts).toMatchObject({ total: 2, expired: 2, pending: 0 });
  expect(await batches.closeExpired()).toBe(0);
});

test('removes an ended batch with every key, and refuses one that runs', async () => {
  const { id } = await sealBatch(batches, 2, { owner: 'remover' });
  expect(await batches.remove(id, 'remover')).toBe(false);
  await results.record(id, [succeeded(0), succeeded(1)]);
  expect(await batches.remove(id, 'remover')).toBe(true);
  expect(await redis.keys(`${prefix}:{${id}}:*`)).toEqual([]);
  expect((await batches.list({ owner: 'remover', limit: 10 })).batches).toEqual([]);
});
