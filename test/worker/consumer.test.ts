import { afterEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { newBatchId, type BatchId } from '../../shared/batch.ts';
import { createSliceQueue, isNextInLine, queueName, type SliceQueue } from '../../shared/queue.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { createJobLocks } from '../../shared/job-locks.ts';
import { createKeys } from '../../shared/keys.ts';
import type { Ticket } from '../../worker/hosts/line.ts';
import { UnknownVersionError } from '../../shared/unknown-version.ts';
import { createConsumer, type Consumer } from '../../worker/consumer.ts';
import type { Permits } from '../../worker/permits.ts';
import type { SliceSignals } from '../../worker/slice-signals.ts';
import type { SliceRun } from '../../worker/slice-run.ts';
import { createSliceSource } from '../../worker/slice-source.ts';
import { acquire, openPermits } from '../support/permits.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, url, prefix } = testRedis();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

type Setup = {
  consumer: Consumer;
  permits: Permits;
  queue: SliceQueue;
  keys: string;
  batchId: BatchId;
};

const setup = async (run: (permits: Permits) => SliceRun, slices: number): Promise<Setup> => {
  const queuePrefix = `${prefix}-${Math.random().toString(36).slice(2)}`;
  const connections = [connectRedis(url, 'queue'), connectRedis(url, 'queue')] as const;
  const queue = createSliceQueue(connections[0], queuePrefix);
  const logger = pino({ level: 'silent' });
  const permits = openPermits(2);
  const source = createSliceSource({
    connection: connections[1],
    prefix: queuePrefix,
    jobLocks: createJobLocks(redis, createKeys(queuePrefix)),
    name: 'test',
    logger,
    now: Date.now,
  });
  const parking = { park: async (): Promise<void> => {} };
  const isNext = (id: BatchId): Promise<boolean> => isNextInLine(connections[0], queuePrefix, id);
  const deps = { source, permits, parking, isNext, logger, lookAhead: 1 };
  const consumer = createConsumer({ ...deps, run: run(permits) });
  closers.push(
    () => closeRedis(connections[0]),
    () => closeRedis(connections[1]),
    () => queue.close(),
  );
  const batchId = newBatchId();
  await queue.enqueue(batchId, slices);
  await consumer.start();
  return { consumer, permits, queue, keys: `${queuePrefix}:${queueName}`, batchId };
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

test('runs every slice, and each leaves the queue as its run said', async () => {
  const ran: number[] = [];
  const later = Date.now() + 3_600_000;
  const { consumer, keys, batchId } = await setup(
    () => async (job) => {
      ran.push(job.slice);
      return job.slice === 1 ? { is: 'later', at: later } : { is: 'done' };
    },
    3,
  );
  await waitFor(() => ran.length === 3);
  await consumer.stop(1000);
  expect(ran).toEqual([0, 1, 2]);
  expect(await redis.zrange(`${keys}:delayed`, '0', '-1')).toEqual([`${batchId}-1`]);
  expect(await redis.llen(`${keys}:active`)).toBe(0);
});

test('takes no further slice while requests wait in line', async () => {
  const ran: number[] = [];
  let first: Ticket | undefined;
  const { consumer, permits, keys } = await setup(
    (shared) =>
      async (job, _, { onJoined }) => {
        ran.push(job.slice);
        const asks = [1, 2, 3].map(() => acquire(shared));
        onJoined();
        first ??= await asks[0];
        await Promise.all(asks);
        return { is: 'done' };
      },
    4,
  );
  await waitFor(() => ran.length === 1);
  expect(await redis.llen(`${keys}:wait`)).toBe(3);
  await waitFor(() => first !== undefined);
  permits.release(first as unknown as Ticket);
  await waitFor(() => ran.length === 2);
  await consumer.stop(1000);
});

test('takes a slice of a batch that has just come though requests wait in line, if its turn is next', async () => {
  const ran: string[] = [];
  const { consumer, queue, batchId } = await setup(
    (permits) =>
      async (job, { stopping }, { onJoined }) => {
        ran.push(job.batchId);
        const line = [1, 2, 3].map(() => acquire(permits));
        onJoined();
        await Promise.race([Promise.all(line), aborted(stopping)]);
        return { is: 'done' };
      },
    3,
  );
  await waitFor(() => ran.length === 1);
  const [small, late] = [newBatchId(), newBatchId()];
  await queue.enqueue(small, 1, { start: 1, spacing: 1, generation: 0 });
  await queue.enqueue(late, 1, { start: 100, spacing: 1, generation: 0 });
  await consumer.welcome(late);
  await consumer.welcome(small);
  await waitFor(() => ran.length === 2);
  expect(ran[0]).toBe(batchId);
  await consumer.stop(1000);
});

test('takes no further slice before the one just taken stands in line', async () => {
  const ran: number[] = [];
  const joins: (() => void)[] = [];
  const { consumer, keys } = await setup(
    () =>
      async (job, { stopping }, { onJoined }) => {
        ran.push(job.slice);
        joins.push(onJoined);
        await aborted(stopping);
        return { is: 'done' };
      },
    3,
  );
  await waitFor(() => ran.length === 1);
  expect(await redis.llen(`${keys}:wait`)).toBe(2);
  joins[0]?.();
  await waitFor(() => ran.length === 2);
  await consumer.stop(1000);
});

test('a slice whose run fails unexpectedly is tried again later', async () => {
  let runs = 0;
  const { consumer, keys } = await setup(
    () => async () => {
      runs++;
      throw new Error('a bug');
    },
    1,
  );
  await waitFor(async () => runs === 1 && (await redis.zcard(`${keys}:delayed`)) === 1);
  await consumer.stop(1000);
});

test('leaves to another worker what only a newer one can read, and goes on at once', async () => {
  const ran: number[] = [];
  const { consumer, keys, batchId } = await setup(
    () => async (job) => {
      ran.push(job.slice);
      if (job.slice === 0) throw new UnknownVersionError('a slice', 2);
      return { is: 'done' };
    },
    2,
  );
  await waitFor(() => ran.length === 2);
  await consumer.stop(1000);
  expect(await redis.zrange(`${keys}:delayed`, '0', '-1')).toEqual([`${batchId}-0`]);
});

test('takes no slice for a while after Redis had no room for one', async () => {
  const ran: { readonly slice: number; readonly at: number }[] = [];
  const { consumer, keys } = await setup(
    () => async (job) => {
      ran.push({ slice: job.slice, at: performance.now() });
      if (ran.length > 1) return { is: 'done' };
      throw Object.assign(new Error('OOM command not allowed'), { name: 'ReplyError' });
    },
    2,
  );
  await waitFor(() => ran.length === 3);
  expect((ran[1]?.at ?? 0) - (ran[0]?.at ?? 0)).toBeGreaterThan(900);
  await waitFor(async () => (await redis.exists(`${keys}:active`)) === 0);
  await consumer.stop(1000);
});

test('stopping lets what runs end, and hands nothing back that ended', async () => {
  let isRunning = false;
  const { consumer, keys } = await setup(
    () =>
      async (_, { stopping }) => {
        isRunning = true;
        await aborted(stopping);
        return { is: 'done' };
      },
    1,
  );
  await waitFor(() => isRunning);
  await consumer.stop(10_000);
  expect(await redis.llen(`${keys}:active`)).toBe(0);
  expect(await redis.llen(`${keys}:wait`)).toBe(0);
});

test('after the grace period the rest is abandoned and handed back', async () => {
  let isRunning = false;
  const { consumer, keys, batchId } = await setup(
    () =>
      async (_, { abandon }) => {
        isRunning = true;
        await aborted(abandon);
        return { is: 'handBack' };
      },
    1,
  );
  await waitFor(() => isRunning);
  await consumer.stop(50);
  expect(await redis.lrange(`${keys}:wait`, 0, -1)).toEqual([`${batchId}-0`]);
  expect(await redis.llen(`${keys}:active`)).toBe(0);
});

test('what runs for a batch that has ended is abandoned', async () => {
  let isRunning = false;
  let wasAbandoned = false;
  const { consumer, batchId } = await setup(
    () =>
      async (_, { abandon, interrupt }) => {
        isRunning = true;
        await aborted(abandon);
        wasAbandoned = interrupt.aborted;
        return { is: 'done' };
      },
    1,
  );
  await waitFor(() => isRunning);
  consumer.abandon(newBatchId());
  expect(wasAbandoned).toBe(false);
  consumer.abandon(batchId);
  await waitFor(() => wasAbandoned);
  await consumer.stop(1000);
});

test('a pause reaches what runs for that batch, and does not abandon it', async () => {
  let isRunning = false;
  let signals: SliceSignals | undefined;
  const { consumer, batchId } = await setup(
    () => async (_, given) => {
      signals = given;
      isRunning = true;
      await aborted(given.interrupt);
      return { is: 'done' };
    },
    1,
  );
  await waitFor(() => isRunning);
  consumer.pause(newBatchId());
  expect(signals?.interrupt.aborted).toBe(false);
  consumer.pause(batchId);
  expect(signals?.interrupt.aborted).toBe(true);
  expect(signals?.abandon.aborted).toBe(false);
  await consumer.stop(1000);
});
