// The story of a slice: take it, run what is not recorded, record what ends, say what becomes of the rest.
import type { Config } from '../shared/config.ts';
import type { SliceRequest } from '../shared/request.ts';
import type { AttemptEntry } from '../shared/result.ts';
import type { ClaimedSlice, History, SliceStore } from '../shared/slice-store.ts';
import type { SliceJob } from '../shared/slice.ts';

import type { Attempt, Outcome, ResolvedRequest } from './outcome.ts';
import type { Permits } from './permits.ts';
import { createRetryWait, type RetryWait } from './retry-wait.ts';
import type { Recorder } from './recorder.ts';
import { resolveRequest } from './resolve-request.ts';
import { attemptEntry, resultOf, type Ending } from './result-of.ts';
import { decide, type Verdict } from './retry-policy.ts';

/** What becomes of the slice: nothing is left of it, it goes on at a time (epoch ms), or another worker may take it now. */
export type SliceVerdict =
  | { readonly is: 'done' }
  | { readonly is: 'later'; readonly at: number }
  | { readonly is: 'handBack' };

/** `stopping`: start nothing more. `abandon`: end what is in flight too, and record nothing of it. */
export type SliceSignals = { readonly stopping: AbortSignal; readonly abandon: AbortSignal };

export type SliceRun = (job: SliceJob, signals: SliceSignals) => Promise<SliceVerdict>;

export type SliceRunDeps = {
  readonly slices: SliceStore;
  readonly attempt: Attempt;
  readonly permits: Permits;
  readonly recorder: Recorder;
  readonly fetch: Config['fetch'];
  /** Epoch ms. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
};

/** One run of one slice; what every request of it shares. */
type Run = SliceRunDeps & {
  readonly job: SliceJob;
  readonly signals: SliceSignals;
  readonly claimed: ClaimedSlice;
  readonly retryWait: RetryWait;
  readonly unfinished: Map<number, History>;
};

export const createSliceRun = (deps: SliceRunDeps): SliceRun => {
  return async (job, signals) => {
    const claimed = await deps.slices.claim(job.batchId, job.slice);
    if (claimed === undefined) return { is: 'done' };
    const retryWait = createRetryWait(claimed.requests.length, deps.now, signals.stopping);
    const run: Run = { ...deps, job, signals, claimed, retryWait, unfinished: new Map() };
    await Promise.all(claimed.requests.map((request) => runRequest(run, request)));
    return await conclude(run);
  };
};

const conclude = async ({ unfinished, slices, job, signals, now }: Run): Promise<SliceVerdict> => {
  if (unfinished.size === 0) return { is: 'done' };
  await slices.release(job.batchId, job.slice, unfinished);
  const at = Math.min(...[...unfinished.values()].map(({ notBefore }) => notBefore));
  return signals.stopping.aborted || at <= now() ? { is: 'handBack' } : { is: 'later', at };
};

/** Attempts until the outcome is final, or until nothing but waiting is left for the whole slice. */
const runRequest = async (run: Run, written: SliceRequest): Promise<void> => {
  const request = resolveRequest(written, run.claimed.batch.defaults, run.fetch);
  const history = run.claimed.histories.get(request.index);
  const attempts = [...(history?.attempts ?? [])];
  let notBefore = history?.notBefore ?? 0;
  for (;;) {
    const isDue = notBefore === 0 || (await run.retryWait.until(notBefore));
    const outcome = isDue ? await attemptOnce(run, request) : undefined;
    if (outcome === undefined) break;
    attempts.push(attemptEntry(outcome, waitBefore(attempts, outcome)));
    const verdict = verdictOf(run, request, outcome, attempts.length);
    if (verdict.is === 'final')
      return await finish(run, { request, outcome, attempts, failure: verdict.failure });
    notBefore = run.now() + verdict.afterMs;
  }
  run.retryWait.leave();
  run.unfinished.set(request.index, { attempts, notBefore });
};

/** Undefined where the request may not start, or was abandoned: it stays as it was. */
const attemptOnce = async (run: Run, request: ResolvedRequest): Promise<Outcome | undefined> => {
  const { permits, recorder, attempt, signals, claimed } = run;
  if (!(await permits.acquire())) return undefined;
  try {
    await recorder.hasRoom();
    if (signals.abandon.aborted) return undefined;
    const outcome = await attempt(request, claimed.batch.owner, signals.abandon);
    return signals.abandon.aborted ? undefined : outcome;
  } finally {
    permits.release();
  }
};

const waitBefore = (attempts: readonly AttemptEntry[], { startedAt }: Outcome): number => {
  const last = attempts.at(-1);
  return last === undefined ? 0 : startedAt - last.startedAt - last.totalMs;
};

const verdictOf = (run: Run, request: ResolvedRequest, outcome: Outcome, attempts: number): Verdict =>
  decide({
    request,
    outcome,
    attempts,
    now: run.now(),
    expiresAt: run.claimed.batch.expiresAt,
    random: run.random(),
  });

const finish = (run: Run, ending: Omit<Ending, 'slice' | 'acceptedAt'>): Promise<void> => {
  const { batch } = run.claimed;
  run.retryWait.leave();
  return run.recorder.record(
    batch.id,
    resultOf({ ...ending, slice: run.job.slice, acceptedAt: batch.createdAt }),
  );
};
