// Results of a batch for those who judge it as a whole: all of them, or every so many segments where there are very many.
import { readExtent } from './batch-extent.ts';
import { findCurrent } from './current-results.ts';
import { cursorOf } from './cursor.ts';
import type { Excerpt } from './excerpt.ts';
import type { BatchKeys } from './keys.ts';
import type { Redis } from './redis.ts';
import { unpackColumns } from './segment.ts';

const segmentsPerRead = 8;

/** Recorded results, a segment at a time, from at most `mostSegments` that stand at even distances. */
export async function* sampleResults(
  redis: Redis,
  keys: BatchKeys,
  mostSegments: number,
): AsyncGenerator<Excerpt> {
  const { segments, wasRetried } = await readExtent(redis, keys);
  const step = Math.max(1, Math.ceil(segments / mostSegments));
  for (let first = 1; first <= segments; first += step * segmentsPerRead) {
    const numbers = Array.from({ length: segmentsPerRead }, (_, i) => first + i * step);
    const packed = await redis.hmgetBuffer(keys.segments, ...numbers.map(String));
    for (const [at, segment] of numbers.entries()) {
      const bytes = packed[at];
      if (!bytes) continue;
      const columns = unpackColumns(bytes);
      const current = wasRetried ? await findCurrent(redis, keys, segment, columns[0]) : undefined;
      const all = columns[0].map((_, place) => place);
      const places =
        current === undefined ? all : all.filter((place) => current.has(columns[0][place] ?? -1));
      yield {
        columns,
        places,
        cursorAt: (place) => cursorOf({ among: 'segments', segment, taken: place + 1 }),
      };
    }
  }
}
