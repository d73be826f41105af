// Batches in Redis: saved by part, sealed, read, listed, ended, removed.
import { statusOf, type BatchId, type BatchRecord, type BatchStatus, type NewBatch } from './batch.ts';
import { decodeBatch, encodeNewBatch } from './batch-codec.ts';
import type { Keys } from './keys.ts';
import { writeUnrecorded } from './locator.ts';
import type { Redis } from './redis.ts';
import type { SliceRequest } from './request.ts';
import { redisNow, runScript } from './script.ts';
import { close } from './scripts/close.ts';
import { remove } from './scripts/remove.ts';
import { savePart } from './scripts/save-part.ts';
import { seal } from './scripts/seal.ts';
import { packSlice } from './slice.ts';

/** A run of consecutive indexes, cut into slices. Saving one twice is the same as once. */
export type BatchPart = {
  /** Number of the first slice; the others follow. */
  readonly firstSlice: number;
  readonly slices: readonly (readonly SliceRequest[])[];
};

export type BatchPage = { readonly batches: readonly BatchRecord[]; readonly next?: BatchId };

export type BatchQuery = {
  readonly owner: string;
  readonly limit: number;
  readonly after?: BatchId | undefined;
  readonly status?: BatchStatus | undefined;
};

export type BatchStore = {
  /** Begins a batch that nobody sees until it is sealed; left unsealed, it vanishes by itself within the hour. */
  create(batch: NewBatch): Promise<void>;
  savePart(id: BatchId, part: BatchPart): Promise<void>;
  /** Makes the batch visible and accepted: on disk where Redis can say so, and in the outbox. */
  seal(batch: NewBatch, total: number, slices: number): Promise<BatchRecord>;
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

const unsealedSeconds = 3600;
const expiredAtOnce = 100;

export const createBatchStore = (redis: Redis, keys: Keys): BatchStore => {
  const get: BatchStore['get'] = async (id, owner) => {
    const batch = decodeBatch(id, await redis.hgetall(keys.batch(id).meta));
    return owner === undefined || batch?.owner === owner ? batch : undefined;
  };
  const closeAs: BatchStore['close'] = async (id, as) => {
    const { meta, index, segments, claims, slices, attempts, channel } = keys.batch(id);
    const { deadlines, outbox, unfinished } = keys;
    const names = [meta, index, segments, claims, slices, attempts, deadlines, outbox, unfinished];
    await runScript(redis, close, names, [id, channel, as, keys.ended]);
  };
  return {
    get,
    async create(batch) {
      const { meta } = keys.batch(batch.id);
      await redis.multi().hset(meta, encodeNewBatch(batch)).expire(meta, unsealedSeconds).exec();
    },
    savePart: (id, part) => saveSlices(redis, keys, id, part),
    async seal({ id, owner, expiresInSeconds }, total, slices) {
      const batch = keys.batch(id);
      const { outbox, deadlines, unfinished } = keys;
      const names = [
        batch.meta,
        batch.slices,
        batch.index,
        keys.batches(owner),
        outbox,
        deadlines,
        unfinished,
      ];
      await runScript(redis, seal, names, [id, total, slices, expiresInSeconds]);
      const sealed = await get(id);
      if (sealed === undefined) throw new Error(`batch ${id} vanished before it was sealed`);
      return sealed;
    },
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
      return (await runScript(redis, remove, [meta, keys.batches(owner), ...others], [id])) === 1;
    },
  };
};

const saveSlices = async (redis: Redis, keys: Keys, id: BatchId, part: BatchPart): Promise<void> => {
  const { meta, slices, index } = keys.batch(id);
  const sliceOf = new Map(
    part.slices.flatMap((slice, i) => slice.map((request) => [request.index, part.firstSlice + i])),
  );
  const first = Math.min(...part.slices.map((slice) => slice[0]?.index ?? Infinity));
  const locators = writeUnrecorded(sliceOf.size, (offset) => sliceOf.get(first + offset) ?? 0);
  const packed = part.slices.flatMap((slice, i) => [part.firstSlice + i, packSlice(slice)]);
  const saved = await runScript(
    redis,
    savePart,
    [meta, slices, index],
    [unsealedSeconds, first * 4, locators, ...packed],
  );
  if (saved !== 1) throw new Error(`batch ${id} takes no more requests`);
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
