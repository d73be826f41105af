import { expect, test } from '@jest/globals';
import type { BatchId } from '../../shared/batch.ts';
import { createStores, failed, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results } = createStores(redis, prefix);

const sample = async (id: BatchId, mostSegments: number): Promise<number[]> => {
  const seen: number[] = [];
  for await (const { columns, places } of results.sample(id, mostSegments)) {
    seen.push(...places.map((place) => columns[0][place] ?? -1));
  }
  return seen;
};

test('reads all results of a batch that is not too large, and evenly from one that is', async () => {
  const { id } = await sealBatch(batches, 30);
  for (let index = 0; index < 30; index += 1) await results.record(id, [succeeded(index)]);
  const all = Array.from({ length: 30 }, (_, i) => i);
  expect(await sample(id, 30)).toEqual(all);
  expect(await sample(id, 1000)).toEqual(all);
  expect(await sample(id, 10)).toEqual(all.filter((index) => index % 3 === 0));
  expect(await sample(id, 7)).toEqual([0, 5, 10, 15, 20, 25]);
});

test('leaves out results that a retry has opened again', async () => {
  const { id } = await sealBatch(batches, 3);
  await results.record(id, [failed(0), succeeded(1)]);
  await redis.hset(keys.batch(id).meta, 'retry', 'r');
  await redis.setrange(keys.batch(id).index, 0, Buffer.from([0x80, 0, 0, 0]));
  expect(await sample(id, 10)).toEqual([1]);
});

test('of a batch without results there is nothing', async () => {
  const { id } = await sealBatch(batches, 3);
  expect(await sample(id, 10)).toEqual([]);
});
