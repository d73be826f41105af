import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { Job } from 'bullmq';
import { newBatchId } from '../../shared/batch.ts';
import { createSliceQueue, queueName } from '../../shared/queue.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { QueueWorker } from '../../worker/queue-worker.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { url, prefix } = testRedis();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const close of closers.splice(0).toReversed()) await close();
});

const token = 'held';
const now = Date.now;

/** A job that is held on a machine whose wall clock is that far off, and how to put it off and to take it again. */
const setup = async (
  offMs: number,
): Promise<{ putOff: (until: number) => Promise<void>; take: () => Promise<Job<unknown>> }> => {
  const connections = [connectRedis(url, 'queue'), connectRedis(url, 'queue')] as const;
  const queuePrefix = `${prefix}-${Math.random().toString(36).slice(2)}`;
  const queue = createSliceQueue(connections[0], queuePrefix);
  const options = { connection: connections[1], prefix: queuePrefix, name: 'test', lockDuration: 15_000 };
  const worker = new QueueWorker(queueName, { ...options, now });
  closers.push(
    () => closeRedis(connections[0]),
    () => closeRedis(connections[1]),
    () => queue.close(),
    () => worker.close(),
  );
  await worker.waitUntilReady();
  await queue.enqueue(newBatchId(), 1);
  jest.spyOn(Date, 'now').mockImplementation(() => now() + offMs);
  const take = (): Promise<Job<unknown>> => waitFor(() => worker.getNextJob(token));
  const job = await take();
  return { putOff: (until) => worker.putOff(job.id ?? '', token, until), take };
};

describe.each([
  ['right', 0],
  ['an hour ahead', 3_600_000],
  ['an hour behind', -3_600_000],
])('where the wall clock of this machine is %s', (_, offMs) => {
  test('a job comes back when its time has come, and not before', async () => {
    const { putOff, take } = await setup(offMs);
    const until = now() + 1500;
    await putOff(until);
    await take();
    expect(now()).toBeGreaterThanOrEqual(until - 5);
  });

  test('a job whose time has come can be taken at once', async () => {
    const { putOff, take } = await setup(offMs);
    await putOff(now() - 1000);
    await take();
  });
});

test('a wait for a job takes a second at most, and no longer than until the next one comes back', async () => {
  const connection = connectRedis(url, 'queue');
  const worker = new QueueWorker(queueName, { connection, prefix, name: 'test', now: () => 5000 });
  closers.push(
    () => closeRedis(connection),
    () => worker.close(),
  );
  const waits = [0, 4000, 5000, 5000.1, 5400, 3_600_000].map((until) => worker.getBlockTimeout(until));
  expect(waits).toEqual([1, 0, 0, worker.minimumBlockTimeout, 0.4, 1]);
});
