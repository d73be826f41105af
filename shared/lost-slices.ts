// The safety net under the queue: puts back slices that have requests left and no job, in batches where nothing moves.
import type { BatchId, BatchRecord } from './batch.ts';
import type { BatchStore } from './batch-store.ts';
import type { Keys } from './keys.ts';
import { turnOf } from './outbox.ts';
import { runPipeline } from './pipeline.ts';
import { queueKey, type SliceQueue } from './queue.ts';
import type { Redis } from './redis.ts';
import { runScript } from './script.ts';
import { watchProgress } from './scripts/watch-progress.ts';
import { jobIdOf } from './slice.ts';
import { findUnfinishedSlices } from './unfinished-slices.ts';
import { unlessNewer } from './unknown-version.ts';

export type LostSlices = {
  /** Looks at the unfinished batches, and returns how many slices it put back. To be called now and then, by any worker. */
  restore(): Promise<number>;
};

export type LostSlicesDeps = {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly batches: BatchStore;
  readonly queue: SliceQueue;
  /** How long nothing of a batch moves before its jobs are looked for. */
  readonly patienceMs: number;
};

export const createLostSlices = (deps: LostSlicesDeps): LostSlices => ({
  async restore() {
    const { redis, keys, batches, patienceMs } = deps;
    let restored = 0;
    for await (const id of unfinishedBatches(redis, keys)) {
      const isStill = (await runScript(redis, watchProgress, [keys.batch(id).meta], [patienceMs])) === 1;
      const batch = isStill ? await batches.get(id).catch(unlessNewer) : undefined;
      if (batch !== undefined && batch !== 'newer') restored += await restoreSlices(deps, batch);
    }
    return restored;
  },
});

const batchesPerScan = 100;

const unfinishedBatches = async function* (redis: Redis, keys: Keys): AsyncGenerator<BatchId> {
  let cursor = '0';
  do {
    const [next, found] = await redis.zscan(keys.deadlines, cursor, 'COUNT', batchesPerScan);
    cursor = next;
    for (let at = 0; at < found.length; at += 2) yield found[at] as BatchId;
  } while (cursor !== '0');
};

/** Under the ids they have, so that one that is found after all stays as it is. */
const restoreSlices = async (deps: LostSlicesDeps, batch: BatchRecord): Promise<number> => {
  const { redis, keys, queue } = deps;
  const turn = await turnOf(redis, keys, batch);
  if (turn === undefined) return 0;
  const slices = await findUnfinishedSlices(redis, keys.batch(batch.id));
  const jobs = slices.map((slice) => queueKey(keys.queuePrefix, jobIdOf(batch.id, slice, turn.generation)));
  const areThere = await findExisting(redis, jobs);
  const lost = slices.filter((_, at) => areThere[at] === false);
  if (lost.length > 0) await queue.enqueue(batch.id, lost, turn);
  return lost.length;
};

const namesPerPipeline = 500;

const findExisting = async (redis: Redis, names: readonly string[]): Promise<boolean[]> => {
  const found: boolean[] = [];
  for (let first = 0; first < names.length; first += namesPerPipeline) {
    const pipeline = redis.pipeline();
    for (const name of names.slice(first, first + namesPerPipeline)) pipeline.exists(name);
    for (const count of await runPipeline(pipeline)) found.push(count === 1);
  }
  return found;
};
