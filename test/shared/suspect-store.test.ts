import { expect, test } from '@jest/globals';
import type { BatchId } from '../../shared/batch.ts';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results, suspects } = createStores(redis, prefix);

const newBatch = async (): Promise<BatchId> => (await sealBatch(batches, 20)).id;

test('a worker that died is counted against the request it had under way, once', async () => {
  const id = await newBatch();
  await suspects.suspect(id, { slice: 1, index: 14, stalls: 2 });
  for (let i = 0; i < 2; i++) expect(await suspects.blame(id, 1, 3)).toEqual(new Map([[14, 1]]));
});

test('nothing is counted in the run that wrote it, however often it was sent', async () => {
  const id = await newBatch();
  for (let i = 0; i < 2; i++) await suspects.suspect(id, { slice: 1, index: 14, stalls: 2 });
  expect(await suspects.blame(id, 1, 2)).toEqual(new Map());
});

test('a request that was under way and is over is not blamed', async () => {
  const id = await newBatch();
  const request = { slice: 1, index: 14, stalls: 2 };
  await suspects.suspect(id, request);
  for (let i = 0; i < 2; i++) await suspects.acquit(id, request);
  expect(await suspects.blame(id, 1, 3)).toEqual(new Map());
  expect(await redis.exists(keys.batch(id).suspects)).toBe(0);
});

test('deaths add up by request, whatever was under way in between', async () => {
  const id = await newBatch();
  for (const [stalls, index] of [14, 11, 14].entries()) {
    await suspects.suspect(id, { slice: 1, index, stalls });
    await suspects.blame(id, 1, stalls + 1);
  }
  expect(await suspects.blame(id, 1, 3)).toEqual(
    new Map([
      [14, 2],
      [11, 1],
    ]),
  );
});

test('nothing of it outlives the last result', async () => {
  const { id } = await sealBatch(batches, 1);
  await suspects.suspect(id, { slice: 0, index: 0, stalls: 2 });
  await results.record(id, [succeeded(0)]);
  expect(await redis.exists(keys.batch(id).suspects)).toBe(0);
});

test('slices do not know of one another', async () => {
  const id = await newBatch();
  await suspects.suspect(id, { slice: 0, index: 4, stalls: 2 });
  await suspects.suspect(id, { slice: 1, index: 14, stalls: 2 });
  expect(await suspects.blame(id, 0, 3)).toEqual(new Map([[4, 1]]));
  expect(await suspects.blame(id, 1, 2)).toEqual(new Map());
  expect(await suspects.blame(id, 1, 3)).toEqual(new Map([[14, 1]]));
});

test('a worker that lost the slice cannot acquit what the next one has under way', async () => {
  const id = await newBatch();
  await suspects.suspect(id, { slice: 1, index: 14, stalls: 3 });
  await suspects.acquit(id, { slice: 1, index: 14, stalls: 2 });
  expect(await suspects.blame(id, 1, 4)).toEqual(new Map([[14, 1]]));
});

test('nothing of it outlives the batch', async () => {
  const id = await newBatch();
  const { suspects: key } = keys.batch(id);
  await suspects.suspect(id, { slice: 1, index: 14, stalls: 2 });
  expect(await redis.pexpiretime(key)).toBe((await batches.get(id))?.expiresAt);
  await batches.close(id, 'cancelled');
  expect(await redis.exists(key)).toBe(0);
  await suspects.suspect(id, { slice: 1, index: 15, stalls: 2 });
  expect(await suspects.blame(id, 1, 3)).toEqual(new Map());
  await batches.remove(id, 'anna');
  expect(await redis.exists(key)).toBe(0);
  await suspects.suspect(id, { slice: 1, index: 15, stalls: 2 });
  expect(await redis.exists(key)).toBe(0);
});
