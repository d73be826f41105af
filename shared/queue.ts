// The queue of slices: its name and job ids, and the options of BullMQ for every queue, live here.
import { Queue, type ConnectionOptions } from 'bullmq';
import type { BatchId } from './batch.ts';
import type { Redis } from './redis.ts';
import { jobIdOf, type SliceJob } from './slice.ts';
import { tagOf, type Turn } from './turn.ts';

export const queueName = 'slices';

export type SliceQueue = {
  /**
   * Puts slices of a batch on the queue, so many from the first on, or those named, in line by `turn`; those already there
   * stay as they are. Without a turn they stand before all that have one.
   */
  enqueue(batchId: BatchId, slices: number | readonly number[], turn?: Turn): Promise<void>;
  close(): Promise<void>;
};

/** How many of BullMQ's events are kept: we read none. */
export const queuedEvents = 100;

/** Jobs added in one pipeline: enough to hide the round trip, few enough to keep Redis answering others. */
const jobsPerPipeline = 500;

export const createSliceQueue = (connection: ConnectionOptions, prefix: string): SliceQueue => {
  const queue = openQueue<SliceJob>(queueName, connection, prefix);
  return {
    async enqueue(batchId, slices, turn) {
      const jobs = numbersOf(slices).map((slice, place) => toJob(batchId, slice, turn && { turn, place }));
      for (let first = 0; first < jobs.length; first += jobsPerPipeline) {
        const some = jobs.slice(first, first + jobsPerPipeline);
        const [only] = some;
        // Every pipeline of the client is handed all of BullMQ's scripts, which takes longer than adding one job.
        if (only !== undefined && some.length === 1) await queue.add(only.name, only.data, only.opts);
        else await queue.addBulk(some);
      }
    },
    close: () => queue.close(),
  };
};

/** A queue whose jobs leave nothing behind when they are done. */
export const openQueue = <T>(name: string, connection: ConnectionOptions, prefix: string): Queue<T> => {
  const queue = new Queue<T>(name, {
    connection,
    prefix,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
    streams: { events: { maxLen: queuedEvents } },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  queue.on('error', () => {}); // every call rejects with its own error; the connection reports its state
  return queue;
};

const numbersOf = (slices: number | readonly number[]): readonly number[] =>
  typeof slices === 'number' ? Array.from({ length: slices }, (_, slice) => slice) : slices;

type QueuedJob = { name: string; data: SliceJob; opts: { jobId: string; priority?: number } };

const toJob = (
  batchId: BatchId,
  slice: number,
  line: { readonly turn: Turn; readonly place: number } | undefined,
): QueuedJob => {
  const generation = line?.turn.generation ?? 0;
  return {
    name: 'slice',
    data: { v: 1, batchId, slice, ...(generation > 0 && { generation }) },
    opts: {
      jobId: jobIdOf(batchId, slice, generation),
      ...(line !== undefined && { priority: tagOf(line.turn, line.place) }),
    },
  };
};

/** BullMQ's keys that hold slices: none of them exists while the queue is empty. */
export const queueKeys = (prefix: string): readonly string[] =>
  ['wait', 'prioritized', 'delayed', 'active'].map((state) => queueKey(prefix, state));

/** Whether a slice of the batch is the one that will be taken next. */
export const isNextInLine = async (redis: Redis, prefix: string, id: BatchId): Promise<boolean> => {
  const [jobId] = await redis.zrange(queueKey(prefix, 'prioritized'), '0', '0');
  return jobId?.startsWith(id) === true;
};

/** Waiting for a worker, delayed, and held by one. */
export type SliceCounts = Readonly<Record<'waiting' | 'delayed' | 'active', number>>;

/** How many slices are on the queue, by their state. */
export const countSlices = async (redis: Redis, prefix: string): Promise<SliceCounts> => {
  const key = (state: string): string => queueKey(prefix, state);
  const [unordered, inLine, delayed, active] = await Promise.all([
    redis.llen(key('wait')),
    redis.zcard(key('prioritized')),
    redis.zcard(key('delayed')),
    redis.llen(key('active')),
  ]);
  return { waiting: unordered + inLine, delayed, active };
};

/** BullMQ's key of a job, or of what else it keeps of a queue. */
export const queueKey = (prefix: string, name: string, queue: string = queueName): string =>
  `${prefix}:${queue}:${name}`;

/** The value of a lock: it tells which worker holds the job. `nonce` makes it unlike its other locks. */
export const lockOf = (worker: string, nonce: string): string => `${worker}/${nonce}`;
