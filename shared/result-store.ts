// Results in Redis: recorded in segments, first write wins; read by index or in the order of completion.
import type { BatchId } from './batch.ts';
import type { Excerpt } from './excerpt.ts';
import { encodeRuns } from './index-runs.ts';
import { readIndexPage } from './index-pages.ts';
import type { BatchKeys, Keys } from './keys.ts';
import { bytesPerLocator, locate, readLocators, type Location } from './locator.ts';
import type { Redis } from './redis.ts';
import { readPage, type ResultPage, type ResultQuery } from './result-pages.ts';
import { sampleResults } from './result-sample.ts';
import type { StoredResult } from './result.ts';
import { runScript } from './script.ts';
import { record } from './scripts/record.ts';
import { createSegmentCache, type SegmentCache } from './segment-cache.ts';
import { packSegment, unpackSegment } from './segment.ts';
import { tallyOf } from './tally.ts';
import { readUnrecorded } from './unrecorded.ts';

export type ResultStore = {
  /**
   * Records results of one batch in one segment; those already recorded are left out, and of two for one request the
   * later one is, as a worker may bring them that lost a slice and took it again. `closed` where the batch has
   * ended or is gone, or was retried since the `generation` that the results are of: nothing was written.
   */
  record(id: BatchId, results: readonly StoredResult[], generation?: number): Promise<'recorded' | 'closed'>;
  /**
   * Results in the order of completion, those recorded together by index; those of a batch ended early come last.
   * Or in index order, up to the first request that has none yet. A cursor belongs to the order it was given in.
   */
  page(id: BatchId, query: OrderedQuery): Promise<ResultPage>;
  /** Recorded results, a segment at a time, from at most so many segments at even distances. */
  sample(id: BatchId, mostSegments: number): AsyncIterable<Excerpt>;
  /** The result of one request; `pending` where there is none yet, undefined where there is no such index. */
  get(id: BatchId, index: number): Promise<StoredResult | 'pending' | undefined>;
};

export const resultOrders = ['completion', 'index'] as const;
export type ResultOrder = (typeof resultOrders)[number];

export type OrderedQuery = ResultQuery & { readonly order?: ResultOrder | undefined };

// For all that are read in index order at a time: neighbours there are some segments apart.
const cacheBytes = 33_554_432;

export const createResultStore = (
  redis: Redis,
  keys: Keys,
  cache: SegmentCache = createSegmentCache(cacheBytes),
): ResultStore => ({
  async record(id, results, generation) {
    const firsts = new Map(results.toReversed().map((result) => [result.index, result]));
    let unrecorded = [...firsts.values()].toSorted((a, b) => a.index - b.index);
    while (unrecorded.length > 0) {
      const reply = await recordSegment(redis, keys, { id, results: unrecorded, generation });
      if (reply[0] === -1) return 'closed';
      if (reply[0] === 1) return 'recorded';
      const known = new Set(reply.slice(1).map(Number));
      unrecorded = unrecorded.filter(({ index }) => !known.has(index));
    }
    return 'recorded';
  },
  page: (id, { order, ...query }) =>
    order === 'index'
      ? readIndexPage({ redis, keys: keys.batch(id), cache }, query)
      : readPage(redis, keys.batch(id), query),
  sample: (id, mostSegments) => sampleResults(redis, keys.batch(id), mostSegments),
  async get(id, index) {
    const batch = keys.batch(id);
    const location = await find(redis, batch, index);
    if (location.at === 'nowhere') return undefined;
    return location.at === 'segment'
      ? await readRecorded(redis, batch, location.segment, index)
      : await readUnended(redis, batch, index);
  },
});

type Recording = {
  readonly id: BatchId;
  /** Ascending by index, each once. */
  readonly results: readonly StoredResult[];
  readonly generation: number | undefined;
};

const recordSegment = async (
  redis: Redis,
  keys: Keys,
  { id, results, generation }: Recording,
): Promise<unknown[]> => {
  const batch = keys.batch(id);
  const perSlice = new Map<number, number>();
  for (const { slice } of results) perSlice.set(slice, (perSlice.get(slice) ?? 0) + 1);
  const succeeded = results.filter(({ outcome }) => outcome === 'succeeded').length;
  const reply = await runScript(
    redis,
    record,
    [
      batch.meta,
      batch.index,
      batch.segments,
      batch.claims,
      batch.slices,
      batch.attempts,
      keys.deadlines,
      keys.unfinished,
      batch.suspects,
      keys.retained,
      batch.webhooks,
      keys.undelivered,
      keys.results,
    ],
    [
      id,
      batch.channel,
      await packSegment(results),
      succeeded,
      results.length - succeeded,
      encodeRuns(results.map(({ index }) => index)),
      generation ?? '',
      tallyOf(results),
      ...[...perSlice].flat(),
    ],
  );
  return reply as unknown[];
};

const find = async (redis: Redis, keys: BatchKeys, index: number): Promise<Location> => {
  const start = index * bytesPerLocator;
  const bytes = await redis.getrangeBuffer(keys.index, start, start + bytesPerLocator - 1);
  return locate(readLocators(bytes)[0] ?? 0);
};

const readRecorded = async (
  redis: Redis,
  keys: BatchKeys,
  segment: number,
  index: number,
): Promise<StoredResult | undefined> => {
  const packed = await redis.hgetBuffer(keys.segments, String(segment));
  return packed === null ? undefined : unpackSegment(packed).find((result) => result.index === index);
};

const readUnended = async (
  redis: Redis,
  keys: BatchKeys,
  index: number,
): Promise<StoredResult | 'pending' | undefined> => {
  const closedAs = await redis.hget(keys.meta, 'closedAs');
  if (closedAs !== 'cancelled' && closedAs !== 'expired') return 'pending';
  return (await readUnrecorded(redis, keys, { from: index, limit: 1, closedAs })).results[0];
};
