import { expect, test } from '@jest/globals';
import { readExtent } from '../../shared/batch-extent.ts';
import type { BatchId } from '../../shared/batch.ts';
import type { StoredResult } from '../../shared/result.ts';
import { createStores, failed, resultsOf, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results, slices } = createStores(redis, prefix);

const ascending = (a: number, b: number): number => a - b;

const walk = async (
  id: BatchId,
  limit: number,
  outcome?: StoredResult['outcome'],
): Promise<StoredResult[]> => {
  const found: StoredResult[] = [];
  for (let after = 0; ;) {
    const page = await results.page(id, { after, limit, outcome });
    expect(page.size).toBeLessThanOrEqual(limit);
    found.push(...resultsOf(page));
    after = page.next;
    if (page.isLast) return found;
  }
};

test('gives back what was recorded, counts it, and ends the batch with its last result', async () => {
  const { id } = await sealBatch(batches, 3, { retentionSeconds: 500 });
  expect(await results.record(id, [succeeded(2), failed(0)])).toBe('recorded');
  expect((await batches.get(id))?.counts).toMatchObject({ pending: 1, succeeded: 1, failed: 1 });
  expect((await batches.get(id))?.endedAt).toBeUndefined();
  expect(await results.record(id, [succeeded(1)])).toBe('recorded');

  expect((await batches.get(id))?.counts).toMatchObject({ pending: 0, succeeded: 2, failed: 1 });
  expect((await batches.get(id))?.endedAt).toBeDefined();
  expect(await results.get(id, 2)).toEqual(succeeded(2));
  expect(await results.get(id, 0)).toEqual(failed(0));
  for (const key of await redis.keys(`${prefix}:{${id}}:*`))
    expect(await redis.ttl(key)).toBeGreaterThan(400);
  expect(await redis.zscore(keys.deadlines, id)).toBeNull();
});

test('records a result once when two workers finish the same requests', async () => {
  const { id } = await sealBatch(batches, 4);
  const later = { ...succeeded(1), status: 201 };
  await Promise.all([
    results.record(id, [succeeded(0), succeeded(1)]),
    results.record(id, [later, succeeded(2)]),
    results.record(id, [succeeded(0), later, succeeded(2)]),
  ]);
  expect((await batches.get(id))?.counts).toMatchObject({ pending: 1, succeeded: 3 });
  const seen = resultsOf(await results.page(id, { after: 0, limit: 100 }));
  expect(seen.map(({ index }) => index).toSorted(ascending)).toEqual([0, 1, 2]);
  expect(await results.get(id, 1)).toEqual(seen.find(({ index }) => index === 1));
});

test('records a result once when one worker finishes a request twice', async () => {
  const { id } = await sealBatch(batches, 3);
  await results.record(id, [succeeded(1), succeeded(0), { ...succeeded(1), status: 201 }]);
  expect((await batches.get(id))?.counts).toMatchObject({ pending: 1, succeeded: 2 });
  const seen = resultsOf(await results.page(id, { after: 0, limit: 100 }));
  expect(seen).toEqual([succeeded(0), succeeded(1)]);
});

test('keeps the pace of a batch: what ended in this window and in the one before', async () => {
  const { id } = await sealBatch(batches, 9);
  const { meta } = keys.batch(id);
  await results.record(id, [succeeded(0), succeeded(1)]);
  const first = (await batches.get(id))?.pace;
  expect(first).toEqual({ at: expect.any(Number), done: 2 });
  await results.record(id, [succeeded(2)]);
  expect((await batches.get(id))?.pace).toEqual(first);
  await redis.hincrby(meta, 'paceAt', -20_000);
  await results.record(id, [succeeded(3), succeeded(4)]);
  const second = (await batches.get(id))?.pace;
  expect(second).toMatchObject({ done: 5, before: { done: 3 } });
  expect(second?.before?.lastedMs).toBeGreaterThanOrEqual(20_000);
});

test('writes nothing once the batch has ended, or where there is none', async () => {
  const { id } = await sealBatch(batches, 2);
  await batches.close(id, 'cancelled');
  expect(await results.record(id, [succeeded(0)])).toBe('closed');
  expect((await batches.get(id))?.counts).toMatchObject({ succeeded: 0, cancelled: 2 });
  await batches.remove(id, 'anna');
  expect(await results.record(id, [succeeded(0)])).toBe('closed');
  expect(await redis.keys(`${prefix}:{${id}}:*`)).toEqual([]);
});

test('a recorded request is no longer running', async () => {
  const { id } = await sealBatch(batches, 20);
  await slices.claim(id, 0);
  expect((await batches.get(id))?.counts).toMatchObject({ pending: 10, running: 10 });
  await results.record(id, [succeeded(3), succeeded(4), succeeded(15)]);
  expect((await batches.get(id))?.counts).toMatchObject({ pending: 9, running: 8, succeeded: 3 });
});

test('walks every result once, segment by segment, whatever the page size', async () => {
  const { id } = await sealBatch(batches, 30);
  const chunks = [0, 1, 2, 3, 4].map((n) => [n, n + 15, n + 5, n + 25, n + 10, n + 20]);
  const order = chunks.flatMap((chunk) => chunk.toSorted(ascending));
  for (const chunk of chunks)
    await results.record(
      id,
      chunk.map((index) => succeeded(index)),
    );
  for (const limit of [1, 4, 6, 7, 29, 30, 1000]) {
    expect((await walk(id, limit)).map(({ index }) => index)).toEqual(order);
  }
});

test('a page taken while the batch runs goes on where it stopped', async () => {
  const { id } = await sealBatch(batches, 3);
  const empty = await results.page(id, { after: 0, limit: 10 });
  expect(empty).toEqual({ excerpts: [], size: 0, next: 0, isLast: false, isGone: false });
  await results.record(id, [succeeded(0)]);
  const first = await results.page(id, { after: empty.next, limit: 10 });
  expect(resultsOf(first).map(({ index }) => index)).toEqual([0]);
  expect(first.isLast).toBe(false);
  await results.record(id, [succeeded(2), succeeded(1)]);
  const second = await results.page(id, { after: first.next, limit: 10 });
  expect(resultsOf(second).map(({ index }) => index)).toEqual([1, 2]);
  expect(second.isLast).toBe(true);
});

test('needs no Redis for a page that begins in the segment that ended the batch, as who followed it was told', async () => {
  const { id } = await sealBatch(batches, 5);
  await results.record(id, [succeeded(0)]);
  const { next: told } = await results.page(id, { after: 0, limit: 10 });
  await results.record(id, [failed(1), succeeded(2), failed(3), succeeded(4)]);
  const { meta, segments } = keys.batch(id);
  const segment = (await redis.hgetBuffer(segments, '2')) ?? Buffer.alloc(0);
  const tail = { extent: await readExtent(redis, keys.batch(id)), segment };
  const whole = await results.page(id, { after: told, limit: 10 });
  const afterOne = await results.page(id, { after: told, limit: 1 });
  const untold = await results.page(id, { after: 0, limit: 10, tail });
  expect(resultsOf(untold).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
  await redis.del(meta, segments);
  expect(await results.page(id, { after: told, limit: 10, tail })).toMatchObject({
    size: 4,
    next: whole.next,
    isLast: true,
  });
  const some = await results.page(id, { after: afterOne.next, limit: 2, outcome: 'failed', tail });
  expect([resultsOf(some).map(({ index }) => index), some.isLast]).toEqual([[3], true]);
  const few = await results.page(id, { after: afterOne.next, limit: 2, tail });
  expect([resultsOf(few).map(({ index }) => index), few.isLast]).toEqual([[2, 3], false]);
  expect(await results.page(id, { after: whole.next, limit: 2, tail })).toMatchObject({
    size: 0,
    isLast: true,
  });
});

test('filters by outcome', async () => {
  const { id } = await sealBatch(batches, 6);
  await results.record(id, [succeeded(0), failed(1)]);
  await results.record(id, [succeeded(2), succeeded(3)]);
  await results.record(id, [failed(4), succeeded(5)]);
  expect((await walk(id, 2, 'failed')).map(({ index }) => index)).toEqual([1, 4]);
  expect((await walk(id, 3, 'succeeded')).map(({ index }) => index)).toEqual([0, 2, 3, 5]);
  expect(await walk(id, 2, 'cancelled')).toEqual([]);
});

test('a cancelled batch has a result for every request: recorded ones first, then the rest by index', async () => {
  const { id } = await sealBatch(batches, 25);
  await results.record(id, [succeeded(20), succeeded(3)]);
  await batches.close(id, 'cancelled');
  for (const limit of [1, 3, 25, 100]) {
    const all = await walk(id, limit);
    const rest = Array.from({ length: 25 }, (_, i) => i).filter((i) => i !== 20 && i !== 3);
    expect(all.map(({ index }) => index)).toEqual([3, 20, ...rest]);
  }
  expect((await walk(id, 10, 'cancelled')).length).toBe(23);
  expect((await walk(id, 10, 'succeeded')).length).toBe(2);
  expect(await results.get(id, 7)).toMatchObject({
    index: 7,
    url: 'http://127.0.0.1:1/7',
    outcome: 'cancelled',
    failure: { code: 'cancelled' },
    attempts: [],
  });
});

test('tells a pending request from one that does not exist', async () => {
  const { id } = await sealBatch(batches, 2);
  expect(await results.get(id, 1)).toBe('pending');
  expect(await results.get(id, 2)).toBeUndefined();
  expect(await results.get(id, 999_999_999)).toBeUndefined();
});

test('a cursor beyond the end is an empty page', async () => {
  const { id } = await sealBatch(batches, 1);
  await results.record(id, [succeeded(0)]);
  for (const after of [5000, 2 ** 52, 2 ** 53 - 1]) {
    expect((await results.page(id, { after, limit: 10 })).size).toBe(0);
  }
});

test('a page of large results is shorter than it might be, and the walk still sees each once', async () => {
  const inline = Buffer.alloc(500_000);
  const body = { inline, wireBytes: inline.length, bytes: inline.length, truncated: false };
  const { id } = await sealBatch(batches, 30);
  for (let index = 0; index < 30; index += 1) await results.record(id, [{ ...succeeded(index), body }]);
  const first = await results.page(id, { after: 0, limit: 30 });
  expect(first.size).toBeGreaterThan(2);
  expect(first.size).toBeLessThan(20);
  expect((await walk(id, 30)).map(({ index }) => index)).toEqual(Array.from({ length: 30 }, (_, i) => i));
});
