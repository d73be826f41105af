// Which workers live, so that what a dead one held is taken over at once, not when its locks run out.
import type { Keys } from './keys.ts';
import { lockOf, queueKey, queuedEvents } from './queue.ts';
import type { Redis } from './redis.ts';
import { redisNow, runScript } from './script.ts';
import { signOfLife } from './scripts/sign-of-life.ts';
import { takeOver } from './scripts/take-over.ts';

/** A worker is named as in `keys.worker`, and listens to that channel as long as it lives. */
export type WorkerRoll = {
  /**
   * Says that this worker lives. `isNew` where it was not on the roll: it comes for the first time, or was taken for dead.
   * `dead` are those that neither listen nor have given a sign for a while.
   */
  sign(worker: string): Promise<{ readonly isNew: boolean; readonly dead: readonly string[] }>;
  /** Puts what a dead worker held back in line, and returns the ids of those jobs; none where it lives after all. */
  takeOver(worker: string): Promise<readonly string[]>;
  /** For a worker that holds nothing any more. */
  leave(worker: string): Promise<void>;
};

export const createWorkerRoll = (redis: Redis, keys: Keys): WorkerRoll => {
  const queue = (name: string): string => queueKey(keys.queuePrefix, name);
  return {
    async sign(worker) {
      const names = [keys.workers, keys.truce];
      const reply = await runScript(redis, signOfLife, names, [worker, keys.worker('')]);
      const [wasThere, ...dead] = reply as [number, ...string[]];
      return { isNew: wasThere === 0, dead };
    },
    async takeOver(worker) {
      const names = ['active', 'stalled', 'wait', 'marker', 'events'].map(queue);
      const about = [worker, keys.worker(''), lockOf(worker, ''), queue(''), queuedEvents];
      return (await runScript(redis, takeOver, [keys.workers, ...names], about)) as string[];
    },
    async leave(worker) {
      await redis.zrem(keys.workers, worker);
    },
  };
};

const livelyMs = 5000;

/** How many workers have given a sign of life in the last seconds. */
export const countWorkers = async (redis: Redis, keys: Keys): Promise<number> =>
  await redis.zcount(keys.workers, (await redisNow(redis)) - livelyMs, '+inf');
