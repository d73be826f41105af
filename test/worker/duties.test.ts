import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createFileBodyStore } from '../../shared/body-store/file.ts';
import { createLostSlices } from '../../shared/lost-slices.ts';
import { createOutbox } from '../../shared/outbox.ts';
import { createRetiredBatches } from '../../shared/retired-batches.ts';
import { createDuties } from '../../worker/duties.ts';
import { createStores, sealBatch } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, prefix } = testRedis();
const { keys, batches } = createStores(redis, prefix);
const folder = await mkdtemp(`${tmpdir()}/fetchfleet-duties-`);
afterAll(() => rm(folder, { recursive: true }));

test('a batch that nobody asks about expires all the same', async () => {
  const queue = { enqueue: async () => {}, close: async () => {} };
  const outbox = createOutbox(redis, keys, batches, queue);
  const lostSlices = createLostSlices({ redis, keys, batches, queue, patienceMs: 60_000 });
  const logger = pino({ level: 'silent' });
  const bodies = createFileBodyStore(folder);
  const sweepHosts = async (): Promise<number> => 0;
  const retired = createRetiredBatches(redis, keys);
  const webhooks = { reconcile: async (): Promise<number> => 0 };
  const duties = createDuties({ outbox, lostSlices, batches, retired, bodies, webhooks, sweepHosts, logger });
  const { id } = await sealBatch(batches, 1, { expiresInSeconds: 0 });
  for (const duty of duties) duty.start();
  const batch = await waitFor(async () => {
    const found = await batches.get(id);
    return found?.endedAt === undefined ? undefined : found;
  });
  expect(batch.counts).toMatchObject({ expired: 1, pending: 0 });
  await Promise.all(duties.map((duty) => duty.stop()));
});
