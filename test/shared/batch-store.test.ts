import { expect, test } from '@jest/globals';
import { newBatchId } from '../../shared/batch.ts';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results } = createStores(redis, prefix);

test('a batch is invisible until it is sealed, and queued with all requests pending afterwards', async () => {
  const batch = {
    id: newBatchId(),
    owner: 'anna',
    name: 'nightly',
    metadata: { run: 7, tags: ['a'] },
    defaults: { method: 'POST', bytes: Buffer.from([0, 255]) } as const,
    priority: 50,
    expiresInSeconds: 60,
    retentionSeconds: 90,
  };
  await batches.create(batch);
  await batches.savePart(batch.id, { firstSlice: 0, slices: [[{ index: 0, url: 'http://a/' }]] });
  expect(await batches.get(batch.id)).toBeUndefined();

  const sealed = await batches.seal(batch, 1, 1);
  expect(sealed).toMatchObject({
    owner: 'anna',
    name: 'nightly',
    metadata: { run: 7, tags: ['a'] },
    slices: 1,
  });
  expect(sealed.defaults.method).toBe('POST');
  expect([...(sealed.defaults.bytes ?? [])]).toEqual([0, 255]);
  expect(sealed.counts).toEqual({
    total: 1,
    pending: 1,
    running: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    expired: 0,
  });
  expect(sealed.expiresAt - sealed.createdAt).toBe(60_000);
  expect(await batches.get(batch.id)).toEqual(sealed);
});

test('an unsealed batch goes away by itself, a sealed one stays', async () => {
  const batch = {
    id: newBatchId(),
    owner: 'anna',
    defaults: {},
    priority: 50,
    expiresInSeconds: 60,
    retentionSeconds: 60,
  };
  const ttls = (): Promise<number[]> =>
    Promise.all(
      [keys.batch(batch.id).meta, keys.batch(batch.id).slices, keys.batch(batch.id).index].map((key) =>
        redis.ttl(key),
      ),
    );
  await batches.create(batch);
  await batches.savePart(batch.id, { firstSlice: 0, slices: [[{ index: 0, url: 'http://a/' }]] });
  expect(Math.min(...(await ttls()))).toBeGreaterThan(3000);
  await batches.seal(batch, 1, 1);
  expect(await ttls()).toEqual([-1, -1, -1]);
});

test('a sealed batch takes no more requests', async () => {
  const { id } = await sealBatch(batches, 1);
  const late = batches.savePart(id, { firstSlice: 1, slices: [[{ index: 1, url: 'http://a/' }]] });
  await expect(late).rejects.toThrow('takes no more requests');
});

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
