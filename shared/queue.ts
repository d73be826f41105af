// The queue of slices: BullMQ's name, job ids and options live here.
import type { BatchId } from './batch.ts';

export type SliceQueue = {
  /** Puts slices [0, count) of a batch on the queue; those already there stay as they are. */
  enqueue(batchId: BatchId, count: number, priority?: number): Promise<void>;
  close(): Promise<void>;
};
