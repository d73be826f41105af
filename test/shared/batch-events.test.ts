import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import type { BatchId, BatchRecord } from '../../shared/batch.ts';
import { createBatchEvents, type BatchEnd } from '../../shared/batch-events.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import type { Tail } from '../../shared/result-pages.ts';
import { unpackSegment } from '../../shared/segment.ts';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, url, prefix } = testRedis();
const { keys, batches, results } = createStores(redis, prefix);
const subscriber = connectRedis(url, 'queue');
const events = createBatchEvents(subscriber, keys);

afterAll(() => closeRedis(subscriber));

test('tells every listener of progress and of the end', async () => {
  const { id } = await sealBatch(batches, 2);
  const heard: string[] = [];
  await events.subscribe(id, (event) => heard.push(`a ${event}`));
  await events.subscribe(id, (event) => heard.push(`b ${event}`));
  await results.record(id, [succeeded(0)]);
  await results.record(id, [succeeded(1)]);
  await waitFor(() => heard.length === 4);
  expect(heard).toEqual(['a progress', 'b progress', 'a end', 'b end']);
});

test('brings the batch as it is at its end', async () => {
  const { id } = await sealBatch(batches, 2, { metadata: { städte: 'Zürich', "quote's": '"' } });
  const ended: (BatchRecord | undefined)[] = [];
  await events.subscribe(id, (event, end) => void (event === 'end' && ended.push(end?.batch)));
  await results.record(id, [succeeded(0), succeeded(1)]);
  await waitFor(() => ended.length === 1);
  expect(ended[0]?.counts).toMatchObject({ total: 2, succeeded: 2, running: 0 });
  expect(ended).toEqual([await batches.get(id)]);
});

const tailOf = async (total: number, end: (id: BatchId) => Promise<unknown>): Promise<Tail | undefined> => {
  const { id } = await sealBatch(batches, total);
  const ends: (BatchEnd | undefined)[] = [];
  await events.subscribe(id, (event, end) => void (event === 'end' && ends.push(end)));
  await end(id);
  await waitFor(() => ends.length === 1);
  expect(ends[0]?.batch).toEqual(await batches.get(id));
  return ends[0]?.tail;
};

test('brings the segment that ended the batch, where it is small', async () => {
  const tail = await tailOf(3, async (id) => {
    await results.record(id, [succeeded(2)]);
    await results.record(id, [succeeded(0), succeeded(1)]);
  });
  expect(tail?.extent).toMatchObject({ segments: 2, hasEnded: true, total: 3, isGone: false });
  expect(unpackSegment(tail?.segment ?? Buffer.alloc(0))).toEqual([succeeded(0), succeeded(1)]);
});

test('brings no segment that is large, and none where no result ended the batch', async () => {
  const inline = randomBytes(20_000);
  const body = { inline, wireBytes: inline.length, bytes: inline.length, truncated: false };
  expect(await tailOf(1, (id) => results.record(id, [{ ...succeeded(0), body }]))).toBeUndefined();
  expect(await tailOf(1, (id) => batches.close(id, 'cancelled'))).toBeUndefined();
});

test('tells of the end also where it cannot read the batch', async () => {
  const { id } = await sealBatch(batches, 2);
  const heard: unknown[] = [];
  await events.subscribe(id, (...told) => heard.push(told));
  const { channel } = keys.batch(id);
  for (const message of ['end', 'end{"v":"99","sealed":"1"}']) await redis.publish(channel, message);
  await waitFor(() => heard.length === 2);
  expect(heard).toEqual([
    ['end', undefined],
    ['end', undefined],
  ]);
});

test('hears of a cancelled batch', async () => {
  const { id } = await sealBatch(batches, 2);
  const heard: string[] = [];
  await events.subscribe(id, (event) => heard.push(event));
  await batches.close(id, 'cancelled');
  expect(await waitFor(() => heard[0])).toBe('end');
});

test('leaves the channel with its last listener', async () => {
  const { id } = await sealBatch(batches, 2);
  const { channel } = keys.batch(id);
  const subscribers = async (): Promise<unknown> => (await redis.pubsub('NUMSUB', channel))[1];
  const first = await events.subscribe(id, () => {});
  const second = await events.subscribe(id, () => {});
  first();
  expect(Number(await subscribers())).toBe(1);
  second();
  await waitFor(async () => Number(await subscribers()) === 0);
});

test('goes on listening to who comes back to a channel about to be left', async () => {
  const [{ id }, other] = [await sealBatch(batches, 2), await sealBatch(batches, 2)];
  const heard: string[] = [];
  for (const leave of [await events.subscribe(id, () => {}), await events.subscribe(other.id, () => {})])
    leave();
  await events.subscribe(id, (event) => heard.push(event));
  const subscribers = async (): Promise<unknown> =>
    (await redis.pubsub('NUMSUB', keys.batch(other.id).channel))[1];
  await waitFor(async () => Number(await subscribers()) === 0);
  await batches.close(id, 'cancelled');
  expect(await waitFor(() => heard[0])).toBe('end');
});
