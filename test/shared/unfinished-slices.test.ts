import { expect, test } from '@jest/globals';
import { findUnfinishedSlices } from '../../shared/unfinished-slices.ts';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results } = createStores(redis, prefix);

test('names the slices that have a request without a result', async () => {
  const { id } = await sealBatch(batches, 35);
  const indexes = [...Array(10).keys(), 11, 30, 31, 32, 33, 34];
  await results.record(
    id,
    indexes.map((index) => succeeded(index)),
  );
  expect(await findUnfinishedSlices(redis, keys.batch(id))).toEqual([1, 2]);
});

test('reads batches of any size', async () => {
  const { id } = await sealBatch(batches, 70_000, { sliceSize: 1000 });
  expect(await findUnfinishedSlices(redis, keys.batch(id))).toEqual([...Array(70).keys()]);
});
