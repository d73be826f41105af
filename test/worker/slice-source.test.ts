import { afterEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { newBatchId } from '../../shared/batch.ts';
import { createSliceQueue, queueName } from '../../shared/queue.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { createJobLocks } from '../../shared/job-locks.ts';
import { createKeys } from '../../shared/keys.ts';
import { createSliceSource, type HeldSlice, type SliceSource } from '../../worker/slice-source.ts';
import type { Turn } from '../../shared/turn.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, url, prefix } = testRedis();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const setup = async (
  lockMs?: number,
): Promise<{
  source: SliceSource;
  enqueue: (count: number, turn?: Turn) => Promise<string>;
  keys: string;
}> => {
  const queuePrefix = `${prefix}-${Math.random().toString(36).slice(2)}`;
  const connections = [connectRedis(url, 'queue'), connectRedis(url, 'queue')] as const;
  const queue = createSliceQueue(connections[0], queuePrefix);
  const source = createSliceSource({
    connection: connections[1],
    prefix: queuePrefix,
    jobLocks: createJobLocks(redis, createKeys(queuePrefix)),
    name: 'test',
    logger: pino({ level: 'silent' }),
    ...(lockMs !== undefined && { lockMs }),
    stalledCheckMs: 100,
    now: Date.now,
  });
  await source.start();
  closers.push(
    () => closeRedis(connections[0]),
    () => closeRedis(connections[1]),
    () => queue.close(),
    () => source.stop(),
  );
  const enqueue = async (count: number, turn?: Turn): Promise<string> => {
    const id = newBatchId();
    await queue.enqueue(id, count, turn);
    return id;
  };
  return { source, enqueue, keys: `${queuePrefix}:${queueName}` };
};

const take = (source: SliceSource): Promise<HeldSlice> => waitFor(() => source.next());

test('gives slices in order, and nothing when there is none', async () => {
  const { source, enqueue } = await setup();
  expect(await source.next()).toBeUndefined();
  const batchId = await enqueue(2);
  const [first, second] = [await take(source), await take(source)];
  expect([first.job, second.job]).toEqual([0, 1].map((slice) => ({ v: 1, batchId, slice, tag: 0 })));
  await first.done();
  await second.done();
  expect(await source.next()).toBeUndefined();
});

test('a slice that is done leaves no job behind', async () => {
  const { source, enqueue, keys } = await setup();
  const id = await enqueue(1);
  await (await take(source)).done();
  expect(await redis.exists(`${keys}:${id}-0`)).toBe(0);
});

test('a slice for later comes back at its time, not counted as an attempt', async () => {
  const { source, enqueue } = await setup();
  await enqueue(1);
  const at = Date.now() + 150;
  await (await take(source)).later(at);
  const again = await take(source);
  expect(Date.now()).toBeGreaterThanOrEqual(at - 5);
  expect(again.stalls).toBe(0);
  await again.done();
});

test('slices are taken by their tags, and keep them when they wait for a time or are handed back', async () => {
  const { source, enqueue } = await setup();
  const behind = await enqueue(2, { start: 8, spacing: 1, generation: 0 });
  const early = await enqueue(1, { start: 3, spacing: 1, generation: 2 });
  const first = await take(source);
  expect(first.job).toMatchObject({ batchId: early, tag: 3, generation: 2 });
  await first.later(Date.now());
  const again = await take(source);
  expect(again.job).toMatchObject({ batchId: early, tag: 3 });
  await again.handBack();
  const taken = [await take(source), await take(source), await take(source)];
  expect(taken.map(({ job }) => [job.batchId, job.tag])).toEqual([
    [early, 3],
    [behind, 8],
    [behind, 9],
  ]);
  for (const held of taken) await held.done();
});

test('a slice that waits for its time does not hold up who waits for the next', async () => {
  const { source, enqueue } = await setup();
  await enqueue(1);
  await (await take(source)).later(Date.now() + 3_600_000);
  for (let i = 0; i < 5; i++) expect(await source.next()).toBeUndefined();
}, 9000);

test('a slice handed back can be taken at once', async () => {
  const { source, enqueue } = await setup();
  const batchId = await enqueue(1);
  await (await take(source)).handBack();
  const again = await take(source);
  expect(again.job).toEqual({ v: 1, batchId, slice: 0, tag: 0 });
  await again.done();
});

test('says when the lock of a slice was lost', async () => {
  const { source, enqueue, keys } = await setup(300);
  const id = await enqueue(1);
  const held = await take(source);
  await redis.set(`${keys}:${id}-0:lock`, 'somebody else');
  await waitFor(() => held.lost.aborted);
  await redis.del(`${keys}:${id}-0:lock`);
});

test('keeps the lock of a slice for as long as it is held', async () => {
  const { source, enqueue, keys } = await setup(300);
  const id = await enqueue(1);
  const held = await take(source);
  const token = await redis.get(`${keys}:${id}-0:lock`);
  const until = Date.now() + 700;
  await waitFor(() => Date.now() > until);
  expect(await redis.get(`${keys}:${id}-0:lock`)).toBe(token);
  expect(held.lost.aborted).toBe(false);
  await held.done();
});

test('the lock of a slice tells which worker holds it', async () => {
  const { source, enqueue, keys } = await setup();
  const id = await enqueue(1);
  const held = await take(source);
  expect(await redis.get(`${keys}:${id}-0:lock`)).toMatch(/^test\/./);
  await held.done();
});

test('a slice that was taken from a worker and comes back to it is held anew, and its first run is lost', async () => {
  const { source, enqueue, keys } = await setup(300);
  const id = await enqueue(1);
  const first = await take(source);
  await redis.multi().del(`${keys}:${id}-0:lock`).lrem(`${keys}:active`, 1, `${id}-0`).exec();
  await redis.rpush(`${keys}:wait`, `${id}-0`);
  const second = await take(source);
  expect(first.lost.aborted).toBe(true);
  await first.done();
  expect(await redis.exists(`${keys}:${id}-0`)).toBe(1);
  await source.findLost();
  expect(second.lost.aborted).toBe(false);
  const until = Date.now() + 400;
  await waitFor(() => Date.now() > until);
  await second.done();
});

test('says at once, when asked, which slices are lost', async () => {
  const { source, enqueue, keys } = await setup();
  const [lost, kept] = [await enqueue(1), await enqueue(1)];
  const held = [await take(source), await take(source)];
  await redis.del(`${keys}:${lost}-0:lock`);
  await source.findLost();
  expect(held.map(({ job, lost: signal }) => [job.batchId, signal.aborted])).toEqual([
    [lost, true],
    [kept, false],
  ]);
});

test('a slice that nobody holds any more is found, and can be taken again', async () => {
  const { source, enqueue, keys } = await setup();
  const id = await enqueue(1);
  const held = await take(source);
  await redis.del(`${keys}:${id}-0:lock`);
  const again = await take(source);
  expect(again.job).toEqual(held.job);
  await again.done();
  expect(await redis.exists(`${keys}:${id}-0`)).toBe(0);
});

test('leaves a slice of an unknown form for a newer worker', async () => {
  const { source, enqueue, keys } = await setup();
  const id = await enqueue(1);
  await redis.hset(`${keys}:${id}-0`, 'data', JSON.stringify({ v: 99, batchId: id, slice: 0 }));
  expect(await source.next()).toBeUndefined();
  expect(await redis.zscore(`${keys}:delayed`, `${id}-0`)).not.toBeNull();
});
