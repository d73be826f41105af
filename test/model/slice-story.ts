// What a worker does with the requests of a slice that it holds, or held.
import { failure } from '../../shared/failure.ts';
import type { SliceRequest } from '../../shared/request.ts';
import type { StoredResult } from '../../shared/result.ts';
import type { createResultStore } from '../../shared/result-store.ts';
import type { createSuspectStore } from '../../shared/suspect-store.ts';
import { failed, succeeded } from '../support/batches.ts';
import { Failed } from './actors.ts';
import type { Holding } from './world.ts';

/** How a worker goes about a slice. */
export type Work = {
  readonly worker: string;
  /** How many it takes, one after the other. */
  readonly slices: number;
  /** A name of its own for its lock and in its results. */
  readonly nonce: string;
  /** For each request in turn: what comes of it. */
  readonly outcomes: readonly ('succeeded' | 'failed' | 'left')[];
  readonly perSegment: number;
  readonly alone: boolean;
  /** It dies of the second request that it tries alone. */
  readonly falls: boolean;
  /** As a worker of an older version, which does not say of which generation its results are. */
  readonly isOld: boolean;
  /** It says first that it lives. */
  readonly signs: boolean;
  /** It finds that its host has no room, and gives the slice back as it is. */
  readonly isCrowded: boolean;
  /** It says that it still has the slice before it begins. */
  readonly renews: boolean;
};

export type Tools = {
  readonly results: ReturnType<typeof createResultStore>;
  readonly suspects: ReturnType<typeof createSuspectStore>;
};

/** Returns the requests that are left. */
export const runSlice = async (
  { results, suspects }: Tools,
  work: Work,
  { batchId, slice, stalls, requests, ...holding }: Holding,
): Promise<readonly SliceRequest[]> => {
  const generation = work.isOld ? undefined : holding.generation;
  const [left, ended]: [SliceRequest[], StoredResult[]] = [[], []];
  if (work.alone) await suspects.blame(batchId, slice, stalls);
  for (const [place, request] of requests.entries()) {
    const outcome = work.outcomes[place % work.outcomes.length];
    const underWay = { slice, index: request.index, stalls };
    if (work.alone) await suspects.suspect(batchId, underWay);
    if (work.alone && work.falls && place === 1) throw new Failed('died');
    if (outcome === 'left') left.push(request);
    else ended.push(resultOf(request, slice, outcome ?? 'failed', work.nonce));
    if (ended.length === work.perSegment) await results.record(batchId, ended.splice(0), generation);
    if (work.alone) await suspects.acquit(batchId, underWay);
  }
  await results.record(batchId, ended, generation);
  return left;
};

/** Its URL says who wrote it. */
const resultOf = (
  { index }: SliceRequest,
  slice: number,
  outcome: 'succeeded' | 'failed',
  nonce: string,
): StoredResult => ({
  ...(outcome === 'succeeded' ? succeeded : failed)(index, slice),
  ...(outcome === 'failed' && /[13579]$/.test(nonce) && { status: 503, failure: failure('http_status') }),
  url: `http://127.0.0.1:1/${index}?${nonce}`,
});
