// Walks the results of a batch in the order of completion, page by page. Reads only.
import { extentFields, toExtent, type Extent } from './batch-extent.ts';
import { findCurrent } from './current-results.ts';
import { cursorOf, placeOf, type Cursor, type Place } from './cursor.ts';
import { toExcerpt, type Excerpt } from './excerpt.ts';
import type { BatchKeys } from './keys.ts';
import { runPipeline } from './pipeline.ts';
import type { Redis } from './redis.ts';
import type { ResultOutcome, StoredResult } from './result.ts';
import { bytesOf } from './segment-cache.ts';
import { outcomeAt, type Columns } from './segment-columns.ts';
import { hasOutcome, unpackColumns } from './segment.ts';
import { readUnrecorded } from './unrecorded.ts';

export type ResultPage = {
  /** The results, in as many pieces as they were read from. */
  readonly excerpts: readonly Excerpt[];
  /** How many results that is. */
  readonly size: number;
  /** Where to go on; given on every page, also the last one so far. */
  readonly next: Cursor;
  /** True where nothing stands behind `next` now and the batch has ended. */
  readonly isLast: boolean;
  /** There is no such batch, or none any more. */
  readonly isGone: boolean;
};

export type ResultQuery = {
  readonly after: Cursor;
  /** At most this many results; a page may be shorter before the end. */
  readonly limit: number;
  readonly outcome?: ResultOutcome | undefined;
  /** Spares the reading where the page begins in it. */
  readonly tail?: Tail | undefined;
};

/** What a batch that has ended recorded last, and how far it had come by that. */
export type Tail = { readonly extent: Extent; readonly segment: Buffer };

/** A walk in progress: `excerpts` grow, `place` moves. */
type Walk = {
  readonly query: ResultQuery;
  readonly excerpts: Excerpt[];
  size: number;
  bytes: number;
  place: Place;
};

export const readPage = async (redis: Redis, keys: BatchKeys, query: ResultQuery): Promise<ResultPage> => {
  const walk: Walk = { query, excerpts: [], size: 0, bytes: 0, place: placeOf(query.after) };
  const { extent, first } = startIn(query.tail, walk.place) ?? (await readStart(redis, keys, walk.place));
  await walkSegments(redis, keys, { extent, first }, walk);
  await walkUnrecorded(redis, keys, extent, walk);
  const { excerpts, size, place } = walk;
  const isLast = isAtEnd(extent, place);
  return { excerpts, size, next: cursorOf(place), isLast, isGone: extent.isGone };
};

const segmentsPerRead = 16;
// Of very large results a page has fewer than it might, so that a page is a few MB.
const maxPageBytes = 4_194_304;

type Packed = readonly (Buffer | null)[];

type Start = { readonly extent: Extent; readonly first: Packed };

const startIn = (tail: Tail | undefined, place: Place): Start | undefined =>
  tail !== undefined && place.among === 'segments' && place.segment >= tail.extent.segments
    ? { extent: tail.extent, first: [tail.segment] }
    : undefined;

/** In one go: a page mostly needs nothing else. */
const readStart = async (redis: Redis, keys: BatchKeys, place: Place): Promise<Start> => {
  const pipeline = redis.pipeline().hmget(keys.meta, ...extentFields);
  if (place.among === 'segments') pipeline.hmgetBuffer(keys.segments, ...numbersFrom(place));
  const [known, first = []] = await runPipeline(pipeline);
  return { extent: toExtent(known as (string | null)[]), first: first as Packed };
};

/** From the place on; those that are not there yet are null. */
const readSegments = async (redis: Redis, keys: BatchKeys, place: Place): Promise<Packed> =>
  place.among === 'segments' ? await redis.hmgetBuffer(keys.segments, ...numbersFrom(place)) : [];

const numbersFrom = ({ segment }: { readonly segment: number }): string[] =>
  Array.from({ length: segmentsPerRead }, (_, i) => String(segment + i));

/** `first` are those at its place. */
const walkSegments = async (
  redis: Redis,
  keys: BatchKeys,
  { extent, first }: Start,
  walk: Walk,
): Promise<void> => {
  const isThere = (): boolean => walk.place.among === 'segments' && walk.place.segment <= extent.segments;
  let read: Packed | undefined = first;
  while (isThere() && hasRoom(walk)) {
    for (const packed of read ?? (await readSegments(redis, keys, walk.place))) {
      if (!isThere() || !hasRoom(walk)) return;
      if (packed === null) walk.place = nextSegment(walk.place);
      else if (!extent.wasRetried) takeSegment(packed, walk);
      else await takeCurrent(redis, keys, packed, walk);
    }
    read = undefined;
  }
};

const takeSegment = (packed: Buffer, walk: Walk): void => {
  const { outcome } = walk.query;
  if (outcome !== undefined && !hasOutcome(packed, outcome)) walk.place = nextSegment(walk.place);
  else takeResults(unpackColumns(packed), walk);
};

/** As `takeSegment`, without the results that were opened again since. */
const takeCurrent = async (redis: Redis, keys: BatchKeys, packed: Buffer, walk: Walk): Promise<void> => {
  if (walk.place.among !== 'segments') return;
  const columns = unpackColumns(packed);
  const current = await findCurrent(redis, keys, walk.place.segment, columns[0]);
  takeResults(columns, walk, current);
};

const takeResults = (columns: Columns, walk: Walk, current?: ReadonlySet<number>): void => {
  const { place } = walk;
  const { outcome, limit } = walk.query;
  if (place.among !== 'segments') return;
  const indexes = columns[0];
  const places: number[] = [];
  let taken = place.taken;
  for (; taken < indexes.length && walk.size + places.length < limit; taken += 1) {
    if (outcome !== undefined && outcomeAt(columns, taken) !== outcome) continue;
    if (current === undefined || current.has(indexes[taken] ?? -1)) places.push(taken);
  }
  const cursorAt = (at: number): Cursor => cursorOf({ ...place, taken: at + 1 });
  addExcerpt(walk, { columns, places, cursorAt });
  walk.place = taken < indexes.length ? { ...place, taken } : nextSegment(place);
};

const addExcerpt = (walk: Walk, excerpt: Excerpt): void => {
  if (excerpt.places.length === 0) return;
  walk.excerpts.push(excerpt);
  walk.size += excerpt.places.length;
  walk.bytes += bytesOf(excerpt.columns);
};

const nextSegment = (place: Place): Place =>
  place.among === 'segments' ? { among: 'segments', segment: place.segment + 1, taken: 0 } : place;

const walkUnrecorded = async (redis: Redis, keys: BatchKeys, extent: Extent, walk: Walk): Promise<void> => {
  const { closedAs, total, segments } = extent;
  if (closedAs === undefined || !hasRoom(walk)) return;
  if (walk.place.among === 'segments') {
    if (walk.place.segment <= segments || walk.place.segment > segments + 1) return;
    walk.place = { among: 'unrecorded', index: 0 };
  }
  const { outcome, limit } = walk.query;
  if (outcome !== undefined && outcome !== closedAs) {
    walk.place = { among: 'unrecorded', index: Math.max(walk.place.index, total) };
    return;
  }
  while (walk.place.among === 'unrecorded' && walk.place.index < total && hasRoom(walk)) {
    const from = walk.place.index;
    const found = await readUnrecorded(redis, keys, { from, limit: limit - walk.size, closedAs });
    const behind = ({ index }: StoredResult): Cursor => cursorOf({ among: 'unrecorded', index: index + 1 });
    addExcerpt(walk, toExcerpt(found.results, behind));
    walk.place = { among: 'unrecorded', index: found.next };
  }
};

const hasRoom = ({ size, bytes, query }: Walk): boolean => size < query.limit && bytes < maxPageBytes;

const isAtEnd = ({ segments, hasEnded, closedAs, total }: Extent, place: Place): boolean => {
  if (!hasEnded) return false;
  return place.among === 'segments'
    ? closedAs === undefined && place.segment > segments
    : place.index >= total;
};
