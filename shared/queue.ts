// The queue of slices: BullMQ's name, job ids and options live here.
import { Queue, type ConnectionOptions } from 'bullmq';
import type { BatchId } from './batch.ts';
import type { SliceJob } from './slice.ts';
import { tagOf, type Turn } from './turn.ts';

export const queueName = 'slices';

export type SliceQueue = {
  /**
   * Puts slices [0, count) of a batch on the queue, in line by `turn`; those already there stay as they are.
   * Without a turn they stand before all that have one.
   */
  enqueue(batchId: BatchId, count: number, turn?: Turn): Promise<void>;
  close(): Promise<void>;
};

/** Jobs added in one pipeline: enough to hide the round trip, few enough to keep Redis answering others. */
const jobsPerPipeline = 500;

export const createSliceQueue = (connection: ConnectionOptions, prefix: string): SliceQueue => {
  const queue = new Queue<SliceJob>(queueName, {
    connection,
    prefix,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
    streams: { events: { maxLen: 100 } },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  queue.on('error', () => {}); // every call rejects with its own error; the connection reports its state
  return {
    async enqueue(batchId, count, turn) {
      for (let first = 0; first < count; first += jobsPerPipeline) {
        const length = Math.min(jobsPerPipeline, count - first);
        await queue.addBulk(Array.from({ length }, (_, i) => toJob(batchId, first + i, turn)));
      }
    },
    close: () => queue.close(),
  };
};

/** A fixed job id makes adding a slice twice the same as once. BullMQ refuses `:` in ids. */
const toJob = (
  batchId: BatchId,
  slice: number,
  turn: Turn | undefined,
): { name: string; data: SliceJob; opts: { jobId: string; priority?: number } } => ({
  name: 'slice',
  data: { v: 1, batchId, slice },
  opts: { jobId: `${batchId}-${slice}`, ...(turn !== undefined && { priority: tagOf(turn, slice) }) },
});

/** BullMQ's keys that hold slices: none of them exists while the queue is empty. */
export const queueKeys = (prefix: string): readonly string[] =>
  ['wait', 'prioritized', 'delayed', 'active'].map((state) => `${prefix}:${queueName}:${state}`);
