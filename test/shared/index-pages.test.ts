import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { BatchId } from '../../shared/batch.ts';
import type { StoredResult } from '../../shared/result.ts';
import { createResultStore } from '../../shared/result-store.ts';
import { createSegmentCache } from '../../shared/segment-cache.ts';
import { createStores, failed, resultsOf, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results } = createStores(redis, prefix);
const uncached = createResultStore(redis, keys, createSegmentCache(0));

type Walk = {
  readonly limit: number;
  readonly outcome?: StoredResult['outcome'];
  readonly store?: typeof results;
};

const walk = async (id: BatchId, { limit, outcome, store = results }: Walk): Promise<StoredResult[]> => {
  const found: StoredResult[] = [];
  for (let after = 0; ;) {
    const page = await store.page(id, { order: 'index', after, limit, outcome });
    expect(page.size).toBeLessThanOrEqual(limit);
    found.push(...resultsOf(page));
    if (page.isLast || page.next === after) return found;
    after = page.next;
  }
};
const indexesOf = (found: readonly StoredResult[]): number[] => found.map(({ index }) => index);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Records all of a batch, every `step`th together. */
const scatter = async (total: number, step: number): Promise<BatchId> => {
  const { id } = await sealBatch(batches, total);
  for (let first = 0; first < step; first += 1) {
    const indexes = upTo(total).filter((index) => index % step === first);
    await results.record(
      id,
      indexes.map((index) => (index % 7 === 3 ? failed(index) : succeeded(index))),
    );
  }
  return id;
};

test('gives every result in the order of submission, however they were recorded', async () => {
  const id = await scatter(400, 60);
  for (const store of [results, uncached]) {
    for (const limit of [1, 13, 399, 1000]) {
      const found = await walk(id, { limit, store });
      expect(indexesOf(found)).toEqual(upTo(400));
      expect(found[10]).toEqual(failed(10));
    }
  }
});

test('a page ends where its limit does, and goes on there', async () => {
  const id = await scatter(50, 3);
  await fc.assert(
    fc.asyncProperty(fc.nat(60), fc.integer({ min: 1, max: 60 }), async (after, limit) => {
      const page = await results.page(id, { order: 'index', after, limit });
      expect(indexesOf(resultsOf(page))).toEqual(upTo(50).slice(after, after + limit));
      expect(page.next).toBe(after >= 50 ? after : Math.min(50, after + limit));
      expect(page.isLast).toBe(page.next >= 50);
      const cursors = page.excerpts.flatMap(({ places, cursorAt }) => places.map(cursorAt));
      expect(cursors).toEqual(indexesOf(resultsOf(page)).map((index) => index + 1));
    }),
    { numRuns: 30 },
  );
});

test('stops before the first request that has no result, and goes on when it has one', async () => {
  const { id } = await sealBatch(batches, 6);
  await results.record(id, [succeeded(0), succeeded(1), succeeded(3)]);
  const first = await results.page(id, { order: 'index', after: 0, limit: 10 });
  expect([indexesOf(resultsOf(first)), first.next, first.isLast]).toEqual([[0, 1], 2, false]);
  const again = await results.page(id, { order: 'index', after: 2, limit: 10 });
  expect([again.size, again.next]).toEqual([0, 2]);
  await results.record(id, [succeeded(2), succeeded(4), succeeded(5)]);
  const rest = await results.page(id, { order: 'index', after: 2, limit: 10 });
  expect([indexesOf(resultsOf(rest)), rest.next, rest.isLast]).toEqual([[2, 3, 4, 5], 6, true]);
});

test('picks one outcome, and does not stop for the others', async () => {
  const id = await scatter(100, 9);
  const failures = upTo(100).filter((index) => index % 7 === 3);
  for (const limit of [1, 4, 100]) {
    expect(indexesOf(await walk(id, { limit, outcome: 'failed' }))).toEqual(failures);
  }
  expect(await walk(id, { limit: 10, outcome: 'expired' })).toEqual([]);
});

test('a cancelled batch has a result for every request, in its place', async () => {
  const { id } = await sealBatch(batches, 30);
  await results.record(id, [succeeded(20), failed(3)]);
  await batches.close(id, 'cancelled');
  for (const limit of [1, 7, 100]) {
    const found = await walk(id, { limit });
    expect(indexesOf(found)).toEqual(upTo(30));
    expect([found[3], found[20]]).toEqual([failed(3), succeeded(20, 2)]);
    expect(found[4]).toMatchObject({ outcome: 'cancelled', url: 'http://127.0.0.1:1/4' });
  }
  expect(await walk(id, { limit: 5, outcome: 'cancelled' })).toHaveLength(28);
  expect(indexesOf(await walk(id, { limit: 5, outcome: 'failed' }))).toEqual([3]);
});

test('shows the newest result of a request, also where its segment is in the cache', async () => {
  const { id } = await sealBatch(batches, 3);
  await results.record(id, [failed(0), succeeded(1)]);
  await walk(id, { limit: 10 });
  await redis.setrange(keys.batch(id).index, 0, Buffer.from([0x80, 0, 0, 0])); // opened again
  expect(await walk(id, { limit: 10 })).toEqual([]);
  await results.record(id, [succeeded(0)]);
  expect(await walk(id, { limit: 10 })).toEqual([succeeded(0), succeeded(1)]);
});

test('cuts a page short rather than hold very many large bodies at a time', async () => {
  const inline = Buffer.alloc(400_000);
  const body = { inline, wireBytes: inline.length, bytes: inline.length, truncated: false };
  const { id } = await sealBatch(batches, 80);
  for (const index of upTo(80)) await results.record(id, [{ ...succeeded(index), body }]);
  const page = await results.page(id, { order: 'index', after: 0, limit: 80 });
  expect(page.size).toBeGreaterThan(16);
  expect(page.size).toBeLessThan(80);
  expect(indexesOf(await walk(id, { limit: 80 }))).toEqual(upTo(80));
});

test('of a batch that is gone there is nothing, and it says so', async () => {
  const { id } = await sealBatch(batches, 1);
  expect(await results.page(id, { order: 'index', after: 0, limit: 1 })).toMatchObject({ isGone: false });
  await batches.close(id, 'cancelled');
  await batches.remove(id, 'anna');
  for (const order of ['index', 'completion'] as const) {
    const page = await results.page(id, { order, after: 0, limit: 1 });
    expect(page).toMatchObject({ size: 0, isLast: false, isGone: true });
  }
});
