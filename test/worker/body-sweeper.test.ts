import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, expect, test } from '@jest/globals';
import { newBatchId } from '../../shared/batch.ts';
import { createFileBodyStore } from '../../shared/body-store/file.ts';
import { sweepBodies } from '../../worker/body-sweeper.ts';
import { createStores, sealBatch } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { batches, keys } = createStores(redis, prefix);
const folder = await mkdtemp(`${tmpdir()}/fetchfleet-sweep-`);
afterAll(() => rm(folder, { recursive: true }));

test('removes the bodies of batches that are gone, and no others', async () => {
  const bodies = createFileBodyStore(folder);
  const { id: kept } = await sealBatch(batches, 1);
  const { id: newer } = await sealBatch(batches, 1);
  await redis.hset(keys.batch(newer).meta, 'v', 2);
  await bodies.put(newer, 0, Buffer.from('of a newer version'));
  const gone = newBatchId();
  const ref = await bodies.put(kept, 0, Buffer.from('kept'));
  await bodies.put(gone, 0, Buffer.from('gone'));
  expect(await sweepBodies(bodies, batches)).toBe(1);
  expect((await bodies.batches()).toSorted((a, b) => a.localeCompare(b))).toEqual(
    [kept, newer].toSorted((a, b) => a.localeCompare(b)),
  );
  expect((await bodies.read(kept, ref)).toString()).toBe('kept');
});
