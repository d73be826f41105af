// The results of requests that a batch ended before: made when read, from what was submitted and how the batch ended.
import { failure } from './failure.ts';
import type { BatchKeys } from './keys.ts';
import { bytesPerLocator, locate, readLocators } from './locator.ts';
import type { Redis } from './redis.ts';
import type { StoredResult } from './result.ts';
import type { SliceRequest } from './request.ts';
import { unpackSlice } from './slice.ts';

export type UnrecordedQuery = {
  readonly from: number;
  readonly limit: number;
  readonly closedAs: 'cancelled' | 'expired';
};

/** Results in index order from `from` on, and the index to go on at. Looks at a bounded run of indexes a call. */
export const readUnrecorded = async (
  redis: Redis,
  keys: BatchKeys,
  { from, limit, closedAs }: UnrecordedQuery,
): Promise<{ results: StoredResult[]; next: number }> => {
  const { found, next } = await findUnrecorded(redis, keys, from, limit);
  return { results: await endedResults(redis, keys, found, closedAs), next };
};

export type Unrecorded = { readonly index: number; readonly slice: number };

/** The results of requests that have none stored, in the order given. */
export const endedResults = async (
  redis: Redis,
  keys: BatchKeys,
  found: readonly Unrecorded[],
  closedAs: 'cancelled' | 'expired',
): Promise<StoredResult[]> => {
  const requests = await loadRequests(redis, keys, new Set(found.map(({ slice }) => slice)));
  return found.flatMap(({ index, slice }) => {
    const request = requests.get(index);
    return request === undefined ? [] : [endedEarly(request, slice, closedAs)];
  });
};

const indexesPerRead = 4096;

const findUnrecorded = async (
  redis: Redis,
  keys: BatchKeys,
  from: number,
  limit: number,
): Promise<{ found: Unrecorded[]; next: number }> => {
  const start = from * bytesPerLocator;
  const bytes = await redis.getrangeBuffer(keys.index, start, start + indexesPerRead * bytesPerLocator - 1);
  const locators = readLocators(bytes);
  const found: Unrecorded[] = [];
  for (const [offset, locator] of locators.entries()) {
    if (found.length === limit) return { found, next: from + offset };
    const location = locate(locator);
    if (location.at === 'slice') found.push({ index: from + offset, slice: location.slice });
  }
  return { found, next: from + Math.max(locators.length, 1) };
};

const loadRequests = async (
  redis: Redis,
  keys: BatchKeys,
  slices: ReadonlySet<number>,
): Promise<Map<number, SliceRequest>> => {
  if (slices.size === 0) return new Map();
  const packed = await redis.hmgetBuffer(keys.slices, ...[...slices].map(String));
  const requests = packed.flatMap((slice) => (slice === null ? [] : unpackSlice(slice)));
  return new Map(requests.map((request) => [request.index, request]));
};

/** The result of a request that never ended. */
export const endedEarly = (
  { index, id, url }: SliceRequest,
  slice: number,
  closedAs: 'cancelled' | 'expired',
): StoredResult => ({
  index,
  slice,
  ...(id !== undefined && { id }),
  url,
  outcome: closedAs,
  failure: failure(closedAs),
  attempts: [],
  timings: { queueMs: 0, dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, bodyMs: 0, totalMs: 0 },
});
