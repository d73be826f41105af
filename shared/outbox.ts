// Batches accepted whose slices may not all be on the queue yet, so that a crash between the two loses nothing.
import type { BatchId } from './batch.ts';
import type { BatchStore } from './batch-store.ts';
import type { Keys } from './keys.ts';
import type { SliceQueue } from './queue.ts';
import type { Redis } from './redis.ts';
import { redisNow } from './script.ts';

export type Outbox = {
  /** Puts every slice of a sealed batch on the queue and takes the batch out of the outbox. May run any number of times. */
  dispatch(id: BatchId, slices: number): Promise<void>;
  /** Dispatches what has waited for longer than `olderThanMs`: its API died before it could. Returns how many. */
  reconcile(olderThanMs: number): Promise<number>;
};

const batchesPerRound = 100;

export const createOutbox = (redis: Redis, keys: Keys, batches: BatchStore, queue: SliceQueue): Outbox => {
  const dispatch: Outbox['dispatch'] = async (id, slices) => {
    await queue.enqueue(id, slices);
    await redis.zrem(keys.outbox, id);
  };
  return {
    dispatch,
    async reconcile(olderThanMs) {
      const latest = (await redisNow(redis)) - olderThanMs;
      const ids = (await redis.zrangebyscore(
        keys.outbox,
        '-inf',
        latest,
        'LIMIT',
        0,
        batchesPerRound,
      )) as BatchId[];
      for (const id of ids) {
        const batch = await batches.get(id);
        if (batch === undefined || batch.endedAt !== undefined) await redis.zrem(keys.outbox, id);
        else await dispatch(id, batch.slices);
      }
      return ids.length;
    },
  };
};
