// The jobs of a batch on the queue, all of them: dropped where it has ended.
import type { BatchId } from './batch.ts';
import type { Keys } from './keys.ts';
import { queueKey } from './queue.ts';
import type { Redis } from './redis.ts';
import { runScript } from './script.ts';
import { dropJobs } from './scripts/drop-jobs.ts';
import { jobIdOf } from './slice.ts';

const jobsPerCall = 500;

/** Those that a worker has stay, and die there. Does nothing for a batch that runs, again or still, or is gone. */
export const dropQueued = async (redis: Redis, keys: Keys, id: BatchId): Promise<void> => {
  const queue = (name: string): string => queueKey(keys.queuePrefix, name);
  const { meta } = keys.batch(id);
  const names = [meta, queue('delayed'), queue('prioritized')];
  const [slices, generation] = await redis.hmget(meta, 'sliceCount', 'generation');
  for (const jobs of jobsOf(id, Number(slices ?? 0), Number(generation ?? 0)))
    if ((await runScript(redis, dropJobs, names, [queue(''), ...jobs])) === -1) return;
};

const jobsOf = function* (id: BatchId, slices: number, lastGeneration: number): Generator<string[]> {
  for (let generation = 0; generation <= lastGeneration; generation++) {
    for (let first = 0; first < slices; first += jobsPerCall) {
      const count = Math.min(jobsPerCall, slices - first);
      yield Array.from({ length: count }, (_, i) => jobIdOf(id, first + i, generation));
    }
  }
};
