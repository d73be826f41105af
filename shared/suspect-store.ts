// What is known of requests that may take their worker down: which one is under way, and how many workers died of which.
// A stall is the moment at which a slice is found to have lost its worker, and the number of them tells one run from the next.
import type { BatchId } from './batch.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { runScript } from './script.ts';
import { acquit } from './scripts/acquit.ts';
import { blame } from './scripts/blame.ts';
import { suspect } from './scripts/suspect.ts';

/** A request as it is run alone, in a slice that had stalled so often when it was taken. */
export type Suspect = { readonly slice: number; readonly index: number; readonly stalls: number };

export type SuspectStore = {
  /** To be called before the request is attempted. */
  suspect(id: BatchId, request: Suspect): Promise<void>;
  /** To be called once the attempt is over and what came of it is stored. */
  acquit(id: BatchId, request: Suspect): Promise<void>;
  /** Request index → how many workers died while it was under way alone, the last one included. */
  blame(id: BatchId, slice: number, stalls: number): Promise<ReadonlyMap<number, number>>;
};

export const createSuspectStore = (redis: Redis, keys: Keys): SuspectStore => ({
  async suspect(id, { slice, index, stalls }) {
    const { meta, suspects } = keys.batch(id);
    await runScript(redis, suspect, [meta, suspects], [slice, index, stalls]);
  },
  async acquit(id, { slice, index, stalls }) {
    await runScript(redis, acquit, [keys.batch(id).suspects], [slice, index, stalls]);
  },
  async blame(id, slice, stalls) {
    const reply = (await runScript(redis, blame, [keys.batch(id).suspects], [slice, stalls])) as number[];
    const deaths = new Map<number, number>();
    for (let at = 0; at < reply.length; at += 2) deaths.set(reply[at] ?? 0, reply[at + 1] ?? 0);
    return deaths;
  },
});
