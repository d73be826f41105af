import { expect, test } from '@jest/globals';
import { findCurrent } from '../../shared/current-results.ts';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results } = createStores(redis, prefix);

test('names the indexes whose result is in the segment and nowhere else', async () => {
  const { id } = await sealBatch(batches, 20);
  const first = [0, 1, 2, 7, 9, 10, 19];
  await results.record(
    id,
    first.map((index) => succeeded(index)),
  );
  await results.record(id, [succeeded(5)]);
  await redis.setrange(keys.batch(id).index, 2 * 4, Buffer.from([0, 0, 0, 2])); // has a newer result
  await redis.setrange(keys.batch(id).index, 9 * 4, Buffer.from([0x80, 0, 0, 0])); // was opened again
  expect([...(await findCurrent(redis, keys.batch(id), 1, first))]).toEqual([0, 1, 7, 10, 19]);
  expect([...(await findCurrent(redis, keys.batch(id), 2, [5]))]).toEqual([5]);
});
