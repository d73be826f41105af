// Batches in Redis: taken in, read, listed, ended, removed.
import { statusOf, type BatchId, type BatchRecord, type BatchStatus } from './batch.ts';
import { decodeBatch } from './batch-codec.ts';
import { createBatchIntake, type BatchIntake } from './batch-intake.ts';
import type { Keys } from './keys.ts';
import { dropQueued } from './queued-slices.ts';
import type { Redis } from './redis.ts';
import { redisNow, runScript } from './script.ts';
import { close } from './scripts/close.ts';
import { remove } from './scripts/remove.ts';

export type BatchPage = { readonly batches: readonly BatchRecord[]; readonly next?: BatchId };

export type BatchQuery = {
  readonly owner: string;
  readonly limit: number;
  readonly after?: BatchId | undefined;
  readonly status?: BatchStatus | undefined;
};

export type BatchStore = BatchIntake & {
  /** Undefined where there is no such batch, or, with `owner`, none of this owner. */
  get(id: BatchId, owner?: string): Promise<BatchRecord | undefined>;
  /** Newest first; `after` is the last id of the page before. */
  list(query: BatchQuery): Promise<BatchPage>;
  /** Ends what is left; a batch that has ended, or is not to expire yet, stays as it is. */
  close(id: BatchId, as: 'cancelled' | 'expired'): Promise<void>;
  /** Ends batches past their expiry, some at a time; returns how many it looked at. */
  closeExpired(): Promise<number>;
  /** Removes every key of an ended batch; false where it has not ended. */
  remove(id: BatchId, owner: string): Promise<boolean>;
};

const expiredAtOnce = 100;

export const createBatchStore = (redis: Redis, keys: Keys): BatchStore => {
  const get: BatchStore['get'] = async (id, owner) => {
    const batch = decodeBatch(id, await redis.hgetall(keys.batch(id).meta));
    return owner === undefined || batch?.owner === owner ? batch : undefined;
  };
  const closeAs: BatchStore['close'] = async (id, as) => {
    const batch = keys.batch(id);
    const { meta, index, segments, claims, slices, attempts, suspects, webhooks, appended, appends } = batch;
    const { deadlines, outbox, unfinished, retained, undelivered, results } = keys;
    const own = [meta, index, segments, claims, slices, attempts];
    const more = [suspects, retained, webhooks, undelivered, appended, appends, results];
    const names = [...own, deadlines, outbox, unfinished, ...more];
    const isClosed = (await runScript(redis, close, names, [id, batch.channel, as, keys.ended])) === 1;
    if (isClosed) await dropQueued(redis, keys, id);
  };
  return {
    ...createBatchIntake(redis, keys),
    get,
    list: (query) => list(redis, keys, get, query),
    close: closeAs,
    async closeExpired() {
      const now = await redisNow(redis);
      const due = await redis.zrangebyscore(keys.deadlines, '-inf', now, 'LIMIT', 0, expiredAtOnce);
      for (const id of due) await closeAs(id as BatchId, 'expired');
      return due.length;
    },
    async remove(id, owner) {
      const { meta, all } = keys.batch(id);
      const others = all.filter((key) => key !== meta);
      const names = [meta, keys.batches(owner), keys.retained, ...others];
      await dropQueued(redis, keys, id);
      return (await runScript(redis, remove, names, [id, owner])) === 1;
    },
  };
};

/** Batches looked at for one page, so that a filter that nothing passes cannot make a call endless. */
const maxScanned = 1000;
const scannedAtOnce = 100;

const list = async (
  redis: Redis,
  keys: Keys,
  get: BatchStore['get'],
  query: BatchQuery,
): Promise<BatchPage> => {
  const found: BatchRecord[] = [];
  let after = query.after;
  for (let scanned = 0; scanned < maxScanned && found.length < query.limit; scanned += scannedAtOnce) {
    const max = after === undefined ? '+' : `(${after}`;
    const ids = await redis.zrevrangebylex(keys.batches(query.owner), max, '-', 'LIMIT', 0, scannedAtOnce);
    const batches = await Promise.all(ids.map((id) => get(id as BatchId, query.owner)));
    for (const [i, batch] of batches.entries()) {
      if (found.length === query.limit)
        return { batches: found, ...(after !== undefined && { next: after }) };
      after = ids[i] as BatchId;
      if (batch === undefined) await redis.zrem(keys.batches(query.owner), after);
      else if (query.status === undefined || statusOf(batch) === query.status) found.push(batch);
    }
    if (ids.length < scannedAtOnce) return { batches: found };
  }
  return { batches: found, ...(after !== undefined && { next: after }) };
};
