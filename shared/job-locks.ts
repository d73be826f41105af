// The locks by which workers hold the jobs of a queue: renewed in one call for all, and what is held by none put back in line,
// on a full Redis too.
import type { Keys } from './keys.ts';
import { queueKey, queuedEvents } from './queue.ts';
import type { Redis } from './redis.ts';
import { runScript } from './script.ts';
import { putBack } from './scripts/put-back.ts';
import { renewLocks } from './scripts/renew-locks.ts';

export type JobLocks = {
  /** Holds those jobs, by job id and token, for `forMs` from now; returns those that are not held that way any more. */
  renew(held: readonly (readonly [jobId: string, token: string])[], forMs: number): Promise<string[]>;
  /**
   * Puts jobs back in line whose locks have run out, and returns their ids; none where any worker looked less than `everyMs`
   * ago. A job is found at the second look. It counts as a stall, except right after an absence of Redis.
   */
  putBack(everyMs: number): Promise<string[]>;
};

export const createJobLocks = (
  redis: Redis,
  keys: Pick<Keys, 'queuePrefix' | 'workers' | 'truce'>,
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
    async putBack(everyMs) {
      const names = ['active', 'stalled', 'wait', 'marker', 'events', 'stalled-check'].map(queue);
      const about = [queue(''), everyMs, queuedEvents];
      return (await runScript(redis, putBack, [...names, keys.workers, keys.truce], about)) as string[];
    },
  };
};
