// Batches accepted whose slices may not all be on the queue yet, so that a crash between the two loses nothing.
import type { BatchId, BatchRecord } from './batch.ts';
import type { BatchStore } from './batch-store.ts';
import type { Keys } from './keys.ts';
import { queueKeys, type SliceQueue } from './queue.ts';
import type { Redis } from './redis.ts';
import { runScript } from './script.ts';
import { leaveOutbox } from './scripts/leave-outbox.ts';
import { takeDue } from './scripts/take-due.ts';
import { takeTurn } from './scripts/take-turn.ts';
import { weightOf, type Turn } from './turn.ts';
import { findUnfinishedSlices } from './unfinished-slices.ts';
import { unlessNewer } from './unknown-version.ts';

export type Outbox = {
  /**
   * Puts every slice of a batch that has requests left on the queue, and takes the batch out of the outbox. Does nothing
   * for a batch that may not start yet, or not any more. May run any number of times. `turn`: it has a place in line.
   */
  dispatch(batch: BatchRecord, turn?: Turn): Promise<void>;
  /** Dispatches what is due: its time to start has come, or its API died before it could. Returns how many. */
  reconcile(): Promise<number>;
};

const batchesPerRound = 100;

export const createOutbox = (redis: Redis, keys: Keys, batches: BatchStore, queue: SliceQueue): Outbox => {
  const dispatch: Outbox['dispatch'] = async (batch, given) => {
    const { id, slices } = batch;
    const turn = given === undefined ? await turnOf(redis, keys, batch) : { ...given, linedUp: 0 };
    if (turn === undefined) return;
    const { meta } = keys.batch(id);
    await queue.enqueue(id, await slicesToQueue(redis, keys, batch, turn), turn);
    await runScript(redis, leaveOutbox, [meta, keys.outbox], [id, turn.generation, slices, keys.queued]);
  };
  return {
    dispatch,
    async reconcile() {
      const ids = (await runScript(redis, takeDue, [keys.outbox], [batchesPerRound])) as BatchId[];
      for (const id of ids) {
        const batch = await batches.get(id).catch(unlessNewer);
        if (batch === undefined) await redis.zrem(keys.outbox, id);
        else if (batch !== 'newer') await dispatch(batch);
      }
      return ids.length;
    },
  };
};

/** How many from the first on, or their numbers. */
const slicesToQueue = (
  redis: Redis,
  keys: Keys,
  { id, slices }: BatchRecord,
  { generation, linedUp }: Standing,
): Promise<number | readonly number[]> | number | readonly number[] => {
  if (linedUp > 0) return Array.from({ length: slices - linedUp }, (_, place) => linedUp + place);
  return generation === 0 ? slices : findUnfinishedSlices(redis, keys.batch(id));
};

/** With how many slices of the batch are on the queue already, or were, from the first on: it is open, and more were appended. */
type Standing = Turn & { readonly linedUp: number };

/**
 * The place of a batch in line, the same at every call of a generation; undefined where there is nothing to dispatch. What
 * was appended stands behind what was there before, and never before what has been taken since.
 */
export const turnOf = async (
  redis: Redis,
  keys: Keys,
  { id, priority }: Pick<BatchRecord, 'id' | 'priority'>,
): Promise<Standing | undefined> => {
  const names = [keys.batch(id).meta, keys.unfinished, keys.clock, keys.outbox];
  const all = [...names, ...queueKeys(keys.queuePrefix)];
  const reply = await runScript(redis, takeTurn, all, [id, weightOf(priority)]);
  const [start, spacing, generation = 0, linedUp = 0, clock = 0] = (reply as string[]).map(Number);
  if (start === undefined || spacing === undefined) return undefined;
  const appendedAt = Math.max(clock, start + linedUp * spacing);
  return { start: linedUp === 0 ? start : appendedAt, spacing, generation, linedUp };
};
