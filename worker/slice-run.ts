// The story of a slice: take it, run what is not recorded, record what ends, say what becomes of the rest.
import type { BatchId } from '../shared/batch.ts';
import { hostOf } from '../shared/origin.ts';
import type { ClaimedSlice, SliceStore } from '../shared/slice-store.ts';
import type { TakenSlice } from '../shared/slice.ts';
import type { SuspectStore } from '../shared/suspect-store.ts';
import { createOneByOne, toleratedStalls, type RunRequests } from './one-by-one.ts';
import type { Permits } from './permits.ts';
import { runRequests, type RequestRunDeps } from './request-run.ts';
import type { SliceSignals } from './slice-signals.ts';

/** What becomes of the slice: nothing is left of it, it goes on at a time (epoch ms) or when its one host has room, or another worker may take it now. */
export type SliceVerdict =
  | { readonly is: 'done' }
  | { readonly is: 'parked'; readonly for: string }
  | { readonly is: 'later'; readonly at: number }
  | { readonly is: 'handBack' };

/**
 * `stalls` is how often the slice lost its worker before; `onJoined` is called once its requests are in line, if it comes to
 * that; `lost` is aborted when another worker may have the slice: then nothing is said of it any more.
 */
export type SliceRun = (
  job: TakenSlice,
  signals: SliceSignals,
  about: { readonly stalls: number; readonly onJoined: () => void; readonly lost: AbortSignal },
) => Promise<SliceVerdict>;

export type SliceRunDeps = RequestRunDeps & { readonly slices: SliceStore; readonly suspects: SuspectStore };

/** How soon to look again at a slice that a void job still holds. */
const heldDelayMs = 500;

export const createSliceRun = (deps: SliceRunDeps): SliceRun => {
  const running = new Map<BatchId, number>();
  const oneByOne = createOneByOne(deps);
  return async (job, signals, { stalls, onJoined, lost }) => {
    const { batchId, slice } = job;
    const claimed = await deps.slices.claim(batchId, slice, job);
    if (claimed === undefined) return { is: 'done' };
    if (claimed === 'held') return { is: 'later', at: deps.now() + heldDelayMs };
    const crowd = crowdFor(deps.permits, claimed);
    if (crowd !== undefined) {
      await deps.slices.release(batchId, slice, claimed.histories);
      return { is: 'parked', for: crowd };
    }
    running.set(batchId, (running.get(batchId) ?? 0) + 1);
    const isAlone = (): boolean => running.get(batchId) === 1;
    const run: RunRequests = (requests, beforeAttempt) =>
      runRequests(deps, { claimed: { ...claimed, requests }, slice, signals, isAlone, beforeAttempt });
    const ran =
      stalls < toleratedStalls
        ? run(claimed.requests)
        : oneByOne({ claimed, slice, stalls, signals: [signals.stopping, signals.interrupt] }, run);
    onJoined();
    const unfinished = await ran.finally(() => {
      running.set(batchId, (running.get(batchId) ?? 1) - 1);
      if (running.get(batchId) === 0) running.delete(batchId);
    });
    if (unfinished.size === 0 || lost.aborted) return { is: 'done' };
    await deps.slices.release(batchId, slice, unfinished);
    const at = Math.min(...[...unfinished.values()].map(({ notBefore }) => notBefore));
    return signals.stopping.aborted || at <= deps.now() ? { is: 'handBack' } : { is: 'later', at };
  };
};

/** What all requests of the slice wait for, where they ask one host and had better wait on the queue. */
const crowdFor = (permits: Permits, { batch, requests }: ClaimedSlice): string | undefined => {
  const [first] = requests;
  if (first === undefined) return undefined;
  const host = hostOf(first);
  const crowd = permits.crowdAt(batch.id, host);
  return crowd !== undefined && requests.every((request) => hostOf(request) === host) ? crowd : undefined;
};
