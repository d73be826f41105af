// Walks the results of a batch in the order of submission, page by page, up to the first that is not there yet. Reads only.
import { readExtent, type Extent } from './batch-extent.ts';
import type { Excerpt } from './excerpt.ts';
import type { BatchKeys } from './keys.ts';
import { bytesPerLocator, locate, readLocators, type Location } from './locator.ts';
import type { Redis } from './redis.ts';
import type { ResultPage, ResultQuery } from './result-pages.ts';
import { bytesOf, type SegmentCache } from './segment-cache.ts';
import { outcomeAt, toColumns, type Columns } from './segment-columns.ts';
import { unpackColumns } from './segment.ts';
import { endedResults, type Unrecorded } from './unrecorded.ts';

type Source = { readonly redis: Redis; readonly keys: BatchKeys; readonly cache: SegmentCache };

/** A walk in progress: `index` moves, `excerpts` grow, and stand on the columns that are `open`. */
type Walk = {
  readonly query: ResultQuery;
  readonly extent: Extent;
  readonly excerpts: { readonly columns: Columns; readonly places: number[] }[];
  /** By number of segment; under 0 the results that are in none, of this step only. */
  readonly open: Map<number, Columns>;
  openBytes: number;
  size: number;
  index: number;
};

/** As `readPage`, but cursors are indexes: the page ends before the first request that has no result. */
export const readIndexPage = async (source: Source, query: ResultQuery): Promise<ResultPage> => {
  const extent = await readExtent(source.redis, source.keys);
  const locations = await readLocations(source, query, extent);
  const walk: Walk = {
    query,
    extent,
    excerpts: [],
    open: new Map(),
    openBytes: 0,
    size: 0,
    index: query.after,
  };
  for (let at = 0; at < locations.length && hasRoom(walk); at = walk.index - query.after) {
    takeResults(walk, await openNext(source, walk, locations.slice(at, at + indexesPerStep)));
  }
  const { index, size } = walk;
  return {
    excerpts: walk.excerpts.map(withCursors),
    size,
    next: index,
    isLast: extent.hasEnded && index >= extent.total,
    isGone: extent.isGone,
  };
};

const withCursors = (excerpt: Omit<Excerpt, 'cursorAt'>): Excerpt => ({
  ...excerpt,
  cursorAt: (place) => (excerpt.columns[0][place] ?? 0) + 1,
});

// A page over very many segments ends early, so that a few results never hold hundreds of MB.
const maxOpenBytes = 16_777_216;
const segmentsPerRead = 16;
const indexesPerStep = 512;
const indexesPerPage = 4096;

const hasRoom = ({ size, query, openBytes }: Walk): boolean => size < query.limit && openBytes < maxOpenBytes;

/** Where the results from `after` on are, up to the first request that has none. */
const readLocations = async (
  { redis, keys }: Source,
  { after, limit, outcome }: ResultQuery,
  { closedAs, total }: Extent,
): Promise<readonly Location[]> => {
  if (after >= total) return [];
  const count = outcome === undefined ? Math.min(limit, indexesPerPage) : indexesPerPage;
  const start = after * bytesPerLocator;
  const bytes = await redis.getrangeBuffer(keys.index, start, start + count * bytesPerLocator - 1);
  const locations = readLocators(bytes).map(locate);
  const end = locations.findIndex(({ at }) => at === 'nowhere' || (at === 'slice' && closedAs === undefined));
  return end === -1 ? locations : locations.slice(0, end);
};

/** Opens what the next locations need, up to so many segments; returns the locations that can be taken now. */
const openNext = async (
  source: Source,
  walk: Walk,
  locations: readonly Location[],
): Promise<readonly Location[]> => {
  const missing = new Set<number>();
  const unrecorded: Unrecorded[] = [];
  let count = 0;
  for (const location of locations) {
    if (location.at === 'slice') unrecorded.push({ index: walk.index + count, slice: location.slice });
    if (location.at === 'segment' && !openCached(source, walk, location.segment)) {
      if (missing.size === segmentsPerRead && !missing.has(location.segment)) break;
      missing.add(location.segment);
    }
    count += 1;
  }
  await openMissing(source, walk, [...missing]);
  await openUnrecorded(source, walk, unrecorded);
  return locations.slice(0, count);
};

const cacheKey = (keys: BatchKeys, segment: number): string => `${keys.segments}:${segment}`;

const openCached = ({ keys, cache }: Source, walk: Walk, segment: number): boolean => {
  if (walk.open.has(segment)) return true;
  const columns = cache.get(cacheKey(keys, segment));
  if (columns !== undefined) openColumns(walk, segment, columns);
  return columns !== undefined;
};

const openColumns = (walk: Walk, segment: number, columns: Columns): void => {
  walk.open.set(segment, columns);
  walk.openBytes += bytesOf(columns);
};

const openMissing = async (
  { redis, keys, cache }: Source,
  walk: Walk,
  segments: readonly number[],
): Promise<void> => {
  if (segments.length === 0) return;
  const packed = await redis.hmgetBuffer(keys.segments, ...segments.map(String));
  for (const [at, segment] of segments.entries()) {
    const bytes = packed[at];
    if (!bytes) continue; // the batch was removed meanwhile
    const columns = unpackColumns(bytes);
    cache.put(cacheKey(keys, segment), columns);
    openColumns(walk, segment, columns);
  }
};

const openUnrecorded = async (
  { redis, keys }: Source,
  { extent, open, query }: Walk,
  found: readonly Unrecorded[],
): Promise<void> => {
  const { closedAs } = extent;
  if (found.length === 0 || closedAs === undefined || (query.outcome ?? closedAs) !== closedAs)
    open.delete(0);
  else open.set(0, toColumns(await endedResults(redis, keys, found, closedAs)));
};

const takeResults = (walk: Walk, locations: readonly Location[]): void => {
  const { query, excerpts, open } = walk;
  for (const location of locations) {
    if (walk.size >= query.limit) return;
    const columns = open.get(location.at === 'segment' ? location.segment : 0);
    const place = columns === undefined ? -1 : findPlace(columns[0], walk.index);
    walk.index += 1;
    if (columns === undefined || place === -1) continue;
    if (query.outcome !== undefined && outcomeAt(columns, place) !== query.outcome) continue;
    const last = excerpts.at(-1);
    if (last?.columns === columns) last.places.push(place);
    else excerpts.push({ columns, places: [place] });
    walk.size += 1;
  }
};

/** Where `index` is among indexes that ascend, or -1. */
const findPlace = (indexes: readonly number[], index: number): number => {
  let [low, high] = [0, indexes.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((indexes[middle] ?? 0) < index) low = middle + 1;
    else high = middle;
  }
  return indexes[low] === index ? low : -1;
};
