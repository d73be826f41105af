import { expect, test } from '@jest/globals';
import { BatchVanishedError, type Acceptance } from '../../shared/batch-intake.ts';
import { newBatchId, type BatchId, type BatchRecord, type NewBatch } from '../../shared/batch.ts';
import type { IdempotencyClaim } from '../../shared/idempotency-store.ts';
import type { SliceRequest } from '../../shared/request.ts';
import { createStores } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches } = createStores(redis, prefix);

const newBatch = (): NewBatch => ({
  id: newBatchId(),
  owner: 'anna',
  name: 'nightly',
  metadata: { run: 7, tags: ['ä'] },
  defaults: { method: 'POST', bytes: Buffer.from([0, 255]) },
  priority: 50,
  expiresInSeconds: 60,
  retentionSeconds: 90,
});

const slices: readonly (readonly SliceRequest[])[] = [
  [0, 2].map((index) => ({ index, url: `http://a.test/${index}` })),
  [{ index: 1, url: 'http://b.test/' }],
];

const accepted = (acceptance: Acceptance): BatchRecord => {
  if (acceptance.is !== 'accepted') throw new Error(`refused: ${acceptance.is}`);
  return acceptance.batch;
};

const ttls = (id: BatchId): Promise<number[]> => {
  const { meta, slices: parts, index } = keys.batch(id);
  return Promise.all([meta, parts, index].map((key) => redis.ttl(key)));
};

/** What is stored of a batch, without its id, the times, and how many others its owner had. */
const contents = async (id: BatchId): Promise<unknown> => {
  const { createdAt: _, expiresAt: __, tagSpacing: ___, ...meta } = await redis.hgetall(keys.batch(id).meta);
  const parts = await redis.hgetallBuffer(keys.batch(id).slices);
  const index = await redis.getBuffer(keys.batch(id).index);
  const queued = await redis.zscore(keys.outbox, id);
  return { meta, parts, index, isQueued: queued !== null, ttls: await ttls(id) };
};

test('a batch is invisible until it is sealed, and queued with all requests pending afterwards', async () => {
  const batch = newBatch();
  await batches.begin(batch);
  await batches.savePart(batch.id, { firstSlice: 0, slices });
  expect(await batches.get(batch.id)).toBeUndefined();

  const sealed = accepted(await batches.seal(batch, { total: 3, slices: 2 }));
  const { name, metadata } = batch;
  expect(sealed).toMatchObject({ owner: 'anna', name, metadata, slices: 2 });
  expect(sealed.defaults.method).toBe('POST');
  expect([...(sealed.defaults.bytes ?? [])]).toEqual([0, 255]);
  const none = { running: 0, succeeded: 0, failed: 0, cancelled: 0, expired: 0 };
  expect(sealed.counts).toEqual({ total: 3, pending: 3, ...none });
  expect(sealed.expiresAt - sealed.createdAt).toBe(60_000);
  expect(await batches.get(batch.id)).toEqual(sealed);
});

test('a batch in one piece is the same as one in parts', async () => {
  const [whole, inParts] = [newBatch(), newBatch()];
  const record = accepted(await batches.accept(whole, slices));
  expect(await batches.get(whole.id)).toEqual(record);
  expect((await batches.list({ owner: 'anna', limit: 1 })).batches).toEqual([record]);
  await batches.begin(inParts);
  await batches.savePart(inParts.id, { firstSlice: 0, slices });
  await batches.seal(inParts, { total: 3, slices: 2 });
  expect(await contents(whole.id)).toEqual(await contents(inParts.id));
});

test('a batch has its place in line from its acceptance on, unless it is to start later', async () => {
  const [whole, inParts] = [newBatch(), newBatch()];
  const turn = { start: expect.any(Number), spacing: expect.any(Number), generation: 0 };
  expect(await batches.accept(whole, slices)).toMatchObject({ turn });
  await batches.begin(inParts);
  await batches.savePart(inParts.id, { firstSlice: 0, slices });
  expect(await batches.seal(inParts, { total: 3, slices: 2 })).toMatchObject({ turn });
  const later = { ...newBatch(), notBefore: Date.now() + 60_000 };
  expect(await batches.accept(later, slices)).toMatchObject({ turn: undefined });
});

test('a batch that was lined up again since is not given its first place when it is sent again', async () => {
  const batch = newBatch();
  await batches.accept(batch, slices);
  await redis.hset(keys.batch(batch.id).meta, 'generation', 1);
  expect(await batches.accept(batch, slices)).toMatchObject({ turn: undefined });
});

test('each step may run twice', async () => {
  const [whole, inParts] = [newBatch(), newBatch()];
  const records = [await batches.accept(whole, slices), await batches.accept(whole, slices)].map(accepted);
  expect(records[1]).toEqual(records[0]);
  for (let i = 0; i < 2; i++) await batches.begin(inParts);
  for (let i = 0; i < 2; i++) await batches.savePart(inParts.id, { firstSlice: 0, slices });
  const first = await batches.seal(inParts, { total: 3, slices: 2 });
  expect(await batches.seal(inParts, { total: 3, slices: 2 })).toEqual(first);
  expect(await contents(whole.id)).toEqual(await contents(inParts.id));
});

test('an unsealed batch goes away by itself, a sealed one stays', async () => {
  const batch = newBatch();
  await batches.begin(batch);
  await batches.savePart(batch.id, { firstSlice: 0, slices });
  expect(Math.min(...(await ttls(batch.id)))).toBeGreaterThan(3000);
  await batches.seal(batch, { total: 3, slices: 2 });
  expect(await ttls(batch.id)).toEqual([-1, -1, -1]);
});

test('a sealed batch takes no more requests, and one that went away takes none either and cannot be sealed', async () => {
  const [sealed, gone] = [newBatch(), newBatch()];
  await batches.accept(sealed, slices);
  const late = batches.savePart(sealed.id, { firstSlice: 2, slices: [[{ index: 3, url: 'http://a/' }]] });
  await expect(late).rejects.toThrow('takes no more requests');
  await batches.begin(gone);
  await redis.del(keys.batch(gone.id).meta);
  await expect(batches.savePart(gone.id, { firstSlice: 0, slices })).rejects.toThrow(BatchVanishedError);
  await expect(batches.seal(gone, { total: 3, slices: 2 })).rejects.toThrow(BatchVanishedError);
});

test('a batch of which a part went away is not sealed', async () => {
  const batch = newBatch();
  await batches.begin(batch);
  await batches.savePart(batch.id, { firstSlice: 0, slices });
  await redis.del(keys.batch(batch.id).slices, keys.batch(batch.id).index);
  await batches.savePart(batch.id, { firstSlice: 2, slices: [[{ index: 3, url: 'http://a.test/3' }]] });
  await expect(batches.seal(batch, { total: 4, slices: 3 })).rejects.toThrow(BatchVanishedError);
  expect(await batches.get(batch.id)).toBeUndefined();
  await batches.savePart(batch.id, { firstSlice: 0, slices });
  expect(accepted(await batches.seal(batch, { total: 4, slices: 3 })).counts.pending).toBe(4);
});

test('what was saved of a batch that came to nothing can be removed, and one that was sealed after all stays', async () => {
  const [saved, sealed] = [newBatch(), newBatch()];
  const claimOf = ({ id, owner }: NewBatch): IdempotencyClaim => ({ owner, key: id, fingerprint: 'f' });
  for (const batch of [saved, sealed]) {
    await batches.begin(batch, claimOf(batch));
    await batches.savePart(batch.id, { firstSlice: 0, slices }, claimOf(batch));
  }
  const record = accepted(await batches.seal(sealed, { total: 3, slices: 2 }, claimOf(sealed)));
  for (const batch of [saved, saved, sealed]) await batches.discard(batch.id, claimOf(batch));
  expect(await redis.keys(`${prefix}:*${saved.id}*`)).toEqual([]);
  expect(await batches.get(sealed.id)).toEqual(record);
  expect(await redis.exists(keys.idempotency('anna', sealed.id))).toBe(1);
  await expect(batches.seal(saved, { total: 3, slices: 2 })).rejects.toThrow('vanished');
});

test('who was taken for dead removes what it saved, and leaves the key to who writes now', async () => {
  const [slow, next] = [newBatch(), newBatch()];
  const claim = { owner: 'anna', key: slow.id, fingerprint: 'f' };
  await batches.begin(slow, claim);
  await redis.hincrby(keys.idempotency('anna', claim.key), 'until', -10_000);
  await batches.begin(next, claim);
  await batches.discard(slow.id, claim);
  expect(await redis.exists(keys.batch(slow.id).meta)).toBe(0);
  await batches.savePart(next.id, { firstSlice: 0, slices }, claim);
  const { id } = accepted(await batches.seal(next, { total: 3, slices: 2 }, claim));
  expect(id).toBe(next.id);
});

test('who says that parts are still coming holds its key, and saves nothing', async () => {
  const batch = newBatch();
  const claim = { owner: 'anna', key: batch.id, fingerprint: 'f' };
  await batches.begin(batch, claim);
  await batches.savePart(batch.id, { firstSlice: 0, slices }, claim);
  const before = await contents(batch.id);
  const name = keys.idempotency('anna', claim.key);
  await redis.hincrby(name, 'until', -4000);
  const until = Number(await redis.hget(name, 'until'));
  expect(await batches.keep(batch.id, claim)).toBeUndefined();
  expect(Number(await redis.hget(name, 'until'))).toBeGreaterThan(until + 2000);
  expect(await contents(batch.id)).toEqual(before);
});
