// The locks by which workers hold the jobs of a queue: renewed in one call for all, on a full Redis too.
import type { Keys } from './keys.ts';
import { queueKey } from './queue.ts';
import type { Redis } from './redis.ts';
import { runScript } from './script.ts';
import { renewLocks } from './scripts/renew-locks.ts';

export type JobLocks = {
  /** Holds those jobs, by job id and token, for `forMs` from now; returns those that are not held that way any more. */
  renew(held: readonly (readonly [jobId: string, token: string])[], forMs: number): Promise<string[]>;
};

export const createJobLocks = (
  redis: Redis,
  keys: Pick<Keys, 'queuePrefix'>,
  queueName?: string,
): JobLocks => {
  const queue = (name: string): string => queueKey(keys.queuePrefix, name, queueName);
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
