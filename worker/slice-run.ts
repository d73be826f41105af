// The story of a slice: take it, run what is not recorded, record what ends, say what becomes of the rest.
import type { BatchId } from '../shared/batch.ts';
import type { Config } from '../shared/config.ts';
import type { Failure } from '../shared/failure.ts';
import { idempotentMethods } from '../shared/request.ts';
import type { AttemptEntry, StoredResult } from '../shared/result.ts';
import type { ClaimedSlice, History, SliceStore } from '../shared/slice-store.ts';
import type { TakenSlice } from '../shared/slice.ts';
import type { SuspectStore } from '../shared/suspect-store.ts';
import type { Attempt, Outcome, ResolvedRequest } from './outcome.ts';
import { createOneByOne, toleratedStalls, type RunRequests } from './one-by-one.ts';
import type { Permits } from './permits.ts';
import type { Recorder } from './recorder.ts';
import { createRequestResolver } from './resolve-request.ts';
import { attemptEntry, endedBetweenAttempts, resultOf } from './result-of.ts';
import { decide } from './retry-policy.ts';
import { createRetryWait, type RetryWait } from './retry-wait.ts';
import { cutToWhole, outOfTime, wholeEndsAt } from './whole-request.ts';

/** What becomes of the slice: nothing is left of it, it goes on at a time (epoch ms), or another worker may take it now. */
export type SliceVerdict =
  | { readonly is: 'done' }
  | { readonly is: 'later'; readonly at: number }
  | { readonly is: 'handBack' };

/**
 * `stopping`: start nothing more. `interrupt`: end what is in flight too, where it may be repeated; the rest is recorded.
 * `abandon`, which interrupts as well: end all, and record nothing of it.
 */
export type SliceSignals = Readonly<Record<'stopping' | 'interrupt' | 'abandon', AbortSignal>>;

/** `stalls` is how often the slice lost its worker before. */
export type SliceRun = (job: TakenSlice, signals: SliceSignals, stalls: number) => Promise<SliceVerdict>;

export type SliceRunDeps = {
  readonly slices: SliceStore;
  readonly suspects: SuspectStore;
  readonly attempt: Attempt;
  readonly permits: Permits;
  readonly recorder: Recorder;
  readonly fetch: Config['fetch'];
  /** Epoch ms. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
};

/** How soon to look again at a slice that a void job still holds. */
const heldDelayMs = 500;

export const createSliceRun = (deps: SliceRunDeps): SliceRun => {
  const running = new Map<BatchId, number>();
  const oneByOne = createOneByOne(deps);
  return async (job, signals, stalls) => {
    const { batchId, slice } = job;
    const claimed = await deps.slices.claim(batchId, slice, job);
    if (claimed === undefined) return { is: 'done' };
    if (claimed === 'held') return { is: 'later', at: deps.now() + heldDelayMs };
    running.set(batchId, (running.get(batchId) ?? 0) + 1);
    const isAlone = (): boolean => running.get(batchId) === 1;
    const run: RunRequests = (requests) =>
      new Promise((resolve, reject) => {
        const task = { claimed: { ...claimed, requests }, slice, signals, isAlone };
        new Run(deps, task, { resolve, reject }).start();
      });
    const ran =
      stalls < toleratedStalls
        ? run(claimed.requests)
        : oneByOne({ claimed, slice, stalls, signals: [signals.stopping, signals.interrupt] }, run);
    const unfinished = await ran.finally(() => {
      running.set(batchId, (running.get(batchId) ?? 1) - 1);
      if (running.get(batchId) === 0) running.delete(batchId);
    });
    if (unfinished.size === 0) return { is: 'done' };
    await deps.slices.release(batchId, slice, unfinished);
    const at = Math.min(...[...unfinished.values()].map(({ notBefore }) => notBefore));
    return signals.stopping.aborted || at <= deps.now() ? { is: 'handBack' } : { is: 'later', at };
  };
};

type Task = {
  readonly claimed: ClaimedSlice;
  readonly slice: number;
  readonly signals: SliceSignals;
  /** Whether no other slice of the batch runs here. */
  readonly isAlone: () => boolean;
};

type Ending = {
  readonly resolve: (unfinished: ReadonlyMap<number, History>) => void;
  readonly reject: (error: unknown) => void;
};

/** One request on its way, with the attempts made so far. */
type Journey = { readonly request: ResolvedRequest; readonly attempts: AttemptEntry[]; notBefore: number };

// A class with callbacks, not a chain of promises a request: this runs for every URL, and each promise costs about 1 %.
class Run {
  readonly #deps: SliceRunDeps;
  readonly #task: Task;
  readonly #ending: Ending;
  readonly #retryWait: RetryWait;
  readonly #unfinished = new Map<number, History>();
  /** Requests that are neither stored nor given back. */
  #left: number;
  /** Requests whose last attempt has not ended. */
  #busy: number;

  constructor(deps: SliceRunDeps, task: Task, ending: Ending) {
    this.#deps = deps;
    this.#task = task;
    this.#ending = ending;
    this.#left = this.#busy = task.claimed.requests.length;
    this.#retryWait = createRetryWait(this.#left, deps.now, task.signals.stopping);
    task.signals.interrupt.addEventListener('abort', () => this.#retryWait.endAll());
  }

  start(): void {
    const { batch, requests, histories } = this.#task.claimed;
    const resolve = createRequestResolver(batch.defaults, this.#deps.fetch);
    for (const written of requests) {
      const history = histories.get(written.index);
      this.#begin({
        request: resolve(written),
        attempts: history === undefined ? [] : [...history.attempts],
        notBefore: history?.notBefore ?? 0,
      });
    }
  }

  /** At its time, or not in this run. */
  #begin(journey: Journey): void {
    if (this.#task.signals.interrupt.aborted) return this.#giveBack(journey);
    if (journey.notBefore === 0) return this.#admit(journey);
    if (wholeEndsAt(journey.request, journey.attempts) <= this.#deps.now())
      return this.#endEarly(journey, outOfTime(journey.request));
    this.#retryWait
      .until(journey.notBefore)
      .then((isDue) => (isDue ? this.#admit(journey) : this.#giveBack(journey)))
      .catch(this.#ending.reject);
  }

  /** With a permit, and room for what it brings. */
  #admit(journey: Journey): void {
    const { permits, recorder } = this.#deps;
    permits.acquire((isAdmitted) => {
      if (!isAdmitted) this.#giveBack(journey);
      else if (!recorder.isFull()) this.#attempt(journey);
      else recorder.hasRoom().then(() => this.#attempt(journey), this.#ending.reject);
    });
  }

  #attempt(journey: Journey): void {
    const { attempt, permits, now } = this.#deps;
    const { abandon, interrupt } = this.#task.signals;
    if (interrupt.aborted) {
      permits.release();
      return this.#giveBack(journey);
    }
    const request = cutToWhole(journey.request, journey.attempts, now());
    if (request === undefined) {
      permits.release();
      return this.#endEarly(journey, outOfTime(journey.request));
    }
    attempt(request, this.#task.claimed.batch.owner, mayBeRepeated(request) ? interrupt : abandon)
      .then((outcome) => {
        permits.release();
        if (abandon.aborted || (interrupt.aborted && wasEnded(outcome))) this.#giveBack(journey);
        else this.#judge(journey, outcome);
      })
      .catch(this.#ending.reject);
  }

  #judge(journey: Journey, outcome: Outcome): void {
    const { now, random } = this.#deps;
    const { request, attempts } = journey;
    attempts.push(attemptEntry(outcome, waitBefore(attempts, outcome), now()));
    const verdict = decide({
      request,
      outcome,
      attempts,
      now: now(),
      expiresAt: this.#task.claimed.batch.expiresAt,
      random: random(),
    });
    if (verdict.is === 'again') {
      journey.notBefore = now() + verdict.afterMs;
      return this.#begin(journey);
    }
    const { slice, claimed } = this.#task;
    const acceptedAt = claimed.batch.createdAt;
    this.#record(resultOf({ request, slice, outcome, failure: verdict.failure, attempts, acceptedAt }));
  }

  /** Without another attempt. */
  #endEarly({ request, attempts }: Journey, reason: Failure): void {
    const { slice, claimed } = this.#task;
    const acceptedAt = claimed.batch.createdAt;
    this.#record(endedBetweenAttempts({ request, slice, failure: reason, attempts, acceptedAt }));
  }

  #record(result: StoredResult): void {
    this.#deps.recorder.record(this.#task.claimed.batch, result, this.#leave);
    this.#endJourney();
  }

  #giveBack({ request, attempts, notBefore }: Journey): void {
    this.#unfinished.set(request.index, { attempts, notBefore });
    this.#endJourney();
    this.#leave();
  }

  #endJourney(): void {
    this.#busy -= 1;
    this.#retryWait.leave();
    // Nothing more is coming: whoever waits for the batch need not wait for a fuller segment.
    if (this.#busy === 0 && this.#task.isAlone()) this.#deps.recorder.flush(this.#task.claimed.batch.id);
  }

  readonly #leave = (): void => {
    this.#left -= 1;
    if (this.#left === 0) this.#ending.resolve(this.#unfinished);
  };
}

const mayBeRepeated = ({ method, retryUnsafe }: ResolvedRequest): boolean =>
  retryUnsafe || idempotentMethods.has(method);

const wasEnded = (outcome: Outcome): boolean =>
  outcome.kind === 'failure' && outcome.failure.code === 'cancelled';

const waitBefore = (attempts: readonly AttemptEntry[], { startedAt }: Outcome): number => {
  const last = attempts.at(-1);
  return last === undefined ? 0 : startedAt - last.startedAt - last.totalMs;
};
