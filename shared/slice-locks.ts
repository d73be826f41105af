// The locks by which workers hold slices: renewed in one call for all, on a full Redis too.
import type { Keys } from './keys.ts';
import { queueKey } from './queue.ts';
import type { Redis } from './redis.ts';
import { runScript } from './script.ts';
import { renewLocks } from './scripts/renew-locks.ts';

export type SliceLocks = {
  /** Holds those jobs, by job id and token, for `forMs` from now; returns those that are not held that way any more. */
  renew(held: readonly (readonly [jobId: string, token: string])[], forMs: number): Promise<string[]>;
};

export const createSliceLocks = (redis: Redis, keys: Pick<Keys, 'queuePrefix'>): SliceLocks => {
  const queue = (name: string): string => queueKey(keys.queuePrefix, name);
  return {
    async renew(held, forMs) {
      return (await runScript(
        redis,
        renewLocks,
        [queue('stalled')],
        [queue(''), forMs, ...held.flat()],
      )) as string[];
    },
  };
};
