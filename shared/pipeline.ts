// Several commands in one write, where nothing stands between them.
import type { Redis } from './redis.ts';

/** What each command replied, in their order. Throws the first error of any. */
export const runPipeline = async (pipeline: ReturnType<Redis['pipeline']>): Promise<unknown[]> =>
  ((await pipeline.exec()) ?? []).map(([error, reply]) => {
    if (error !== null) throw error;
    return reply;
  });
