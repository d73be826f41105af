import { afterAll, expect, test } from '@jest/globals';
import { batchOfJob, readSnapshot } from '../../chaos/snapshot.ts';
import { createBatchControl } from '../../shared/batch-control.ts';
import { newBatchId, type BatchId } from '../../shared/batch.ts';
import { createOutbox } from '../../shared/outbox.ts';
import { createSliceQueue } from '../../shared/queue.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { createStores, failed, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, url, prefix } = testRedis();
const { keys, batches, results, slices } = createStores(redis, prefix);
const connection = connectRedis(url, 'queue');
const queue = createSliceQueue(connection, keys.queuePrefix);
const outbox = createOutbox(redis, keys, batches, queue);
const control = createBatchControl(redis, keys);
afterAll(async () => {
  await queue.close();
  await closeRedis(connection);
});

const newBatch = (owner: string): Parameters<typeof batches.begin>[0] => ({
  id: newBatchId(),
  owner,
  defaults: {},
  priority: 50,
  expiresInSeconds: 60,
  retentionSeconds: 60,
});

test('reads what there is of a batch that runs', async () => {
  const batch = await sealBatch(batches, 40);
  await outbox.dispatch(batch);
  await slices.claim(batch.id, 1);
  await slices.claim(batch.id, 2);
  await results.record(batch.id, [succeeded(10), failed(11), ...[0, 1, 2].map((i) => succeeded(i))]);
  const { batches: kept, jobs, ...lists } = await readSnapshot(redis, keys);
  expect(kept.get(batch.id)).toMatchObject({
    isSealed: true,
    isEnded: false,
    isPaused: false,
    generation: 0,
    total: 40,
    running: 18,
    held: 18,
    recorded: 5,
    closed: 0,
    located: { recorded: 5, unrecorded: 35, unfinished: new Set([0, 1, 2, 3]) },
    slices: { kept: 4, said: 4 },
  });
  expect(jobs).toEqual(new Set([0, 1, 2, 3].map((slice) => `${batch.id}-${slice}`)));
  expect(lists).toMatchObject({
    outbox: new Set(),
    deadlines: new Set([batch.id]),
    unfinished: new Set([`anna:${batch.id}`]),
    listed: new Set([`anna:${batch.id}`]),
  });
});

test('tells how far a batch has come', async () => {
  const [queued, paused, cancelled, done] = [
    await sealBatch(batches, 10),
    await sealBatch(batches, 10),
    await sealBatch(batches, 10),
    await sealBatch(batches, 1),
  ];
  await control.pause(paused.id);
  await control.resume(paused.id);
  await control.pause(paused.id);
  await batches.close(cancelled.id, 'cancelled');
  await results.record(done.id, [succeeded(0)]);
  const { batches: kept, outbox: due } = await readSnapshot(redis, keys);
  expect(kept.get(queued.id)).toMatchObject({ isEnded: false, isPaused: false, lasting: 3 });
  expect(kept.get(paused.id)).toMatchObject({ isEnded: false, isPaused: true });
  expect(kept.get(cancelled.id)).toMatchObject({ isEnded: true, isClosed: true, closed: 10, lasting: 0 });
  expect(kept.get(done.id)).toMatchObject({ isEnded: true, isClosed: false, recorded: 1, lasting: 0 });
  expect(due.has(queued.id)).toBe(true);
});

test('sees a batch that is not sealed, and the keys that made one', async () => {
  const [begun, made] = [newBatch('ben'), newBatch('ben')];
  const part = [[{ index: 0, url: 'http://a.test/' }]];
  const claimOf = ({
    id,
    owner,
  }: {
    id: BatchId;
    owner: string;
  }): { owner: string; key: string; fingerprint: string } => ({
    owner,
    key: `k-${id}`,
    fingerprint: 'f',
  });
  await batches.begin(begun, claimOf(begun));
  await batches.savePart(begun.id, { firstSlice: 0, slices: part }, claimOf(begun));
  await batches.accept(made, part, claimOf(made));
  const { batches: kept, keyed, listed } = await readSnapshot(redis, keys);
  expect(kept.get(begun.id)).toMatchObject({ isSealed: false, lasting: 0, slices: { kept: 1, said: 0 } });
  expect(kept.get(made.id)).toMatchObject({ isSealed: true });
  expect(keyed).toEqual([made.id]);
  expect([...listed].filter((entry) => entry.startsWith('ben:'))).toEqual([`ben:${made.id}`]);
});

test('knows whose job it is', () => {
  const id = newBatchId();
  expect([`${id}-0`, `${id}-17-2`, 'meta', 'wait'].map(batchOfJob)).toEqual([id, id, undefined, undefined]);
});
