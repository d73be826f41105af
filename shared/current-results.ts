// Of results in a segment those that still stand: a retry opens requests again, and leaves their old results where they are.
import type { BatchKeys } from './keys.ts';
import { bytesPerLocator, readLocators } from './locator.ts';
import { runPipeline } from './pipeline.ts';
import type { Redis } from './redis.ts';

/** Those of `indexes`, which ascend, whose request has its result in this segment and no other. */
export const findCurrent = async (
  redis: Redis,
  keys: BatchKeys,
  segment: number,
  indexes: readonly number[],
): Promise<ReadonlySet<number>> => {
  const runs = toRuns(indexes);
  const pipeline = redis.pipeline();
  for (const { first, count } of runs) {
    pipeline.getrangeBuffer(keys.index, first * bytesPerLocator, (first + count) * bytesPerLocator - 1);
  }
  const current = new Set<number>();
  for (const [at, bytes] of (await runPipeline(pipeline)).entries()) {
    for (const [offset, locator] of readLocators(bytes as Buffer).entries()) {
      if (locator === segment) current.add((runs[at]?.first ?? 0) + offset);
    }
  }
  return current;
};

type IndexRun = { readonly first: number; count: number };

const toRuns = (indexes: readonly number[]): readonly IndexRun[] => {
  const runs: IndexRun[] = [];
  for (const index of indexes) {
    const last = runs.at(-1);
    if (last !== undefined && last.first + last.count === index) last.count += 1;
    else runs.push({ first: index, count: 1 });
  }
  return runs;
};
