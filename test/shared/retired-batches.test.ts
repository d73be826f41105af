import { expect, test } from '@jest/globals';
import { createBatchControl } from '../../shared/batch-control.ts';
import type { BatchId } from '../../shared/batch.ts';
import { createRetiredBatches } from '../../shared/retired-batches.ts';
import { createStores, failed, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results, suspects } = createStores(redis, prefix);
const retired = createRetiredBatches(redis, keys);
const retainedUntil = async (owner: string, id: BatchId): Promise<number> =>
  Number(await redis.zscore(keys.retained, `${owner}:${id}`));

test('a batch is found once its retention is over, until it is forgotten', async () => {
  const owner = 'an:owner';
  const { id } = await sealBatch(batches, 1, { owner, retentionSeconds: 1 });
  await results.record(id, [succeeded(0)]);
  expect(await retired.find()).toEqual([]);
  await waitFor(async () => (await retired.find()).length > 0);
  expect(await retired.find()).toEqual([{ id, owner }]);
  await retired.forget({ id, owner });
  expect(await retired.find()).toEqual([]);
  expect(await redis.exists(keys.batches(owner), ...keys.batch(id).all)).toBe(0);
});

test('a batch that is there still is not found, whatever the clock says', async () => {
  const { id } = await sealBatch(batches, 1);
  await batches.close(id, 'cancelled');
  expect(await retainedUntil('anna', id)).toBeGreaterThan(Date.now() + 50_000);
  await redis.zadd(keys.retained, 1, `anna:${id}`);
  expect(await retired.find()).toEqual([]);
});

test('one that was removed, or goes on after a retry, is not waited for', async () => {
  const removed = await sealBatch(batches, 1);
  await batches.close(removed.id, 'cancelled');
  await batches.remove(removed.id, 'anna');
  const again = await sealBatch(batches, 1);
  await results.record(again.id, [failed(0)]);
  expect(await retainedUntil('anna', again.id)).toBeGreaterThan(Date.now());
  await createBatchControl(redis, keys).retry(again.id, () => true);
  for (const { id } of [removed, again]) expect(await retainedUntil('anna', id)).toBe(0);
});

test('what is known of requests that ran alone goes with the end of the batch', async () => {
  const { id } = await sealBatch(batches, 1, { expiresInSeconds: 3600 });
  await suspects.suspect(id, { slice: 0, index: 0, stalls: 2 });
  await results.record(id, [succeeded(0)]);
  expect(await redis.exists(keys.batch(id).suspects)).toBe(0);
});
