// Batches whose retention is over: Redis has dropped them by itself, and what else speaks of them is to be cleared away.
import type { BatchId } from './batch.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { redisNow } from './script.ts';

export type RetiredBatch = { readonly id: BatchId; readonly owner: string };

export type RetiredBatches = {
  /** Some at a time, those that went first; each is named until it is forgotten. */
  find(): Promise<RetiredBatch[]>;
  /** To be called once its bodies are gone. */
  forget(batch: RetiredBatch): Promise<void>;
};

const foundAtOnce = 100;

export const createRetiredBatches = (redis: Redis, keys: Keys): RetiredBatches => ({
  async find() {
    const now = await redisNow(redis);
    const due = (await redis.zrangebyscore(keys.retained, '-inf', now, 'LIMIT', 0, foundAtOnce)).map(parse);
    const areThere = await Promise.all(due.map(({ id }) => redis.exists(keys.batch(id).meta)));
    return due.filter((_, at) => areThere[at] === 0);
  },
  async forget({ id, owner }) {
    await redis.zrem(keys.batches(owner), id);
    await redis.zrem(keys.retained, `${owner}:${id}`);
  },
});

const parse = (member: string): RetiredBatch => {
  const at = member.lastIndexOf(':'); // an owner's name may have one
  return { owner: member.slice(0, at), id: member.slice(at + 1) as BatchId };
};
