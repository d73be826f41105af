// The story of each request of a slice: in line, an attempt, what to do with its outcome, and so on until its result or its giving back.
import type { BatchId } from '../shared/batch.ts';
import type { Config } from '../shared/config.ts';
import { failure, type Failure } from '../shared/failure.ts';
import type { AttemptEntry, StoredResult } from '../shared/result.ts';
import type { ClaimedSlice, History } from '../shared/slice-store.ts';
import { weightOf } from '../shared/turn.ts';
import type { Admission } from './hosts/line.ts';
import type { Observer } from './hosts/observer.ts';
import { Journey, type Company } from './journey.ts';
import { endOf, mayBeRepeated, type Attempt, type Outcome, type ResolvedRequest } from './outcome.ts';
import type { Permits } from './permits.ts';
import type { Recorder } from './recorder.ts';
import { createRequestResolver } from './resolve-request.ts';
import { attemptEntry, endedBetweenAttempts, resultOf } from './result-of.ts';
import { decide } from './retry-policy.ts';
import { createRetryWait, type RetryWait } from './retry-wait.ts';
import { followSignals, type SaidSignals, type SliceSignals } from './slice-signals.ts';
import { unsent } from './unsent.ts';
import { cutToWhole, outOfTime, wholeEndsAt } from './whole-request.ts';

export type RequestRunDeps = {
  readonly attempt: Attempt;
  readonly permits: Permits;
  readonly observe: Observer;
  readonly recorder: Recorder;
  readonly fetch: Config['fetch'];
  /** Epoch ms. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
};

/** Requests of a slice to run. */
export type RequestRun = {
  readonly claimed: ClaimedSlice;
  readonly slice: number;
  readonly signals: SliceSignals;
  /** Whether no other slice of the batch runs here. */
  readonly isAlone: () => boolean;
  /** Awaited before each attempt, when it has its permit. */
  readonly beforeAttempt?: (() => Promise<void>) | undefined;
};

/** Resolves with those that have no result, and what they went through; rejects where something is broken. */
export const runRequests = (deps: RequestRunDeps, task: RequestRun): Promise<ReadonlyMap<number, History>> =>
  new Promise((resolve, reject) => {
    new Run(deps, task, { resolve, reject }).start();
  });

type Ending = {
  readonly resolve: (unfinished: ReadonlyMap<number, History>) => void;
  readonly reject: (error: unknown) => void;
};

// A class with callbacks, not a chain of promises a request: this runs for every URL, and each promise costs about 1 %.
class Run implements Company {
  readonly batch: BatchId;
  readonly weight: number;
  readonly resolve: Company['resolve'];
  readonly #deps: RequestRunDeps;
  readonly #task: RequestRun;
  readonly #ending: Ending;
  readonly #retryWait: RetryWait;
  readonly #said: SaidSignals;
  readonly #unfinished = new Map<number, History>();
  /** Requests that are neither stored nor given back. */
  #left: number;
  /** Requests whose last attempt has not ended. */
  #busy: number;

  constructor(deps: RequestRunDeps, task: RequestRun, ending: Ending) {
    this.#deps = deps;
    this.#task = task;
    this.#ending = ending;
    const { batch, requests } = task.claimed;
    this.batch = batch.id;
    this.weight = weightOf(batch.priority);
    this.resolve = createRequestResolver(batch.defaults, deps.fetch);
    this.#left = this.#busy = requests.length;
    this.#retryWait = createRetryWait(this.#left, deps.now, task.signals.stopping);
    this.#said = followSignals(task.signals, () => this.#retryWait.endAll());
  }

  start(): void {
    const { requests, histories } = this.#task.claimed;
    this.#deps.permits.together(() => {
      for (const written of requests) {
        const journey = new Journey(this, written, histories.get(written.index));
        if (written.refusal === undefined) this.#begin(journey);
        else this.#endEarly(journey, failure('invalid_request', written.refusal));
      }
    });
  }

  /** At its time, or not in this run. */
  #begin(journey: Journey): void {
    if (this.#said.isInterrupted) return this.#giveBack(journey);
    if (journey.notBefore === 0) return this.#join(journey);
    if (wholeEndsAt(journey.request, journey.attempts) <= this.#deps.now())
      return this.#endEarly(journey, outOfTime(journey.request));
    this.#retryWait
      .until(journey.notBefore)
      .then((isDue) => (isDue ? this.#join(journey) : this.#giveBack(journey)))
      .catch(this.#ending.reject);
  }

  /** The line for a permit. */
  #join(journey: Journey): void {
    this.#deps.permits.acquire(journey, journey.host, this.#task.claimed.batch.perHost);
  }

  hear(journey: Journey, admission: Admission): void {
    const { now } = this.#deps;
    if (admission.is === 'go') return this.#takeRoom(journey);
    if (admission.is === 'closed') return this.#giveBack(journey);
    if (admission.is === 'refused')
      return this.#judge(journey, unsent(journey.request, admission.failure, now()));
    const { request, attempts } = journey;
    journey.notBefore = Math.min(now() + admission.inMs, wholeEndsAt(request, attempts));
    this.#begin(journey);
  }

  /** For what the attempt brings. */
  #takeRoom(journey: Journey): void {
    const { recorder, permits } = this.#deps;
    const { beforeAttempt } = this.#task;
    if (!recorder.isFull() && beforeAttempt === undefined) return this.#attempt(journey);
    const ready = recorder.hasRoom().then(beforeAttempt);
    ready.then(
      () => this.#attempt(journey),
      (error: unknown) => {
        permits.release(journey);
        this.#ending.reject(error);
      },
    );
  }

  #attempt(journey: Journey): void {
    const { attempt, permits, now } = this.#deps;
    const { abandon, interrupt } = this.#task.signals;
    if (this.#said.isInterrupted) {
      permits.release(journey);
      return this.#giveBack(journey);
    }
    const request = cutToWhole(journey.request, journey.attempts, now);
    if (request === undefined) {
      permits.release(journey);
      return this.#endEarly(journey, outOfTime(journey.request));
    }
    const { owner } = this.#task.claimed.batch;
    const signal = mayBeRepeated(request) ? interrupt : abandon;
    attempt({ request, owner, batch: this.batch, signal }, (outcome) =>
      this.#leaveHost(journey, request, outcome),
    );
  }

  /** Nothing may be thrown from here into the connection that calls it. */
  #leaveHost(journey: Journey, request: ResolvedRequest, outcome: Outcome): void {
    try {
      this.#deps.observe(journey.host, request, outcome);
      this.#deps.permits.release(journey);
      if (!this.#said.isAbandoned && !(this.#said.isInterrupted && wasEnded(outcome)))
        return this.#judge(journey, outcome);
      this.#dropBody(outcome);
      this.#giveBack(journey);
    } catch (error) {
      this.#ending.reject(error);
    }
  }

  #judge(journey: Journey, outcome: Outcome): void {
    const { random } = this.#deps;
    const { request } = journey;
    const now = endOf(outcome);
    const entry = attemptEntry(outcome, waitBefore(journey.attempts, outcome), now);
    const attempts = journey.attempts.length === 0 ? [entry] : [...journey.attempts, entry];
    journey.attempts = attempts;
    const verdict = decide({
      request,
      outcome,
      attempts,
      now,
      expiresAt: this.#task.claimed.batch.expiresAt,
      random: random(),
    });
    if (verdict.is === 'again') {
      this.#dropBody(outcome);
      journey.notBefore = now + verdict.afterMs;
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

  /** An outcome that leads to no result may have a body in the store already. */
  #dropBody(outcome: Outcome): void {
    const ref = outcome.kind === 'response' ? outcome.body.ref : undefined;
    if (ref !== undefined) this.#deps.recorder.drop(this.batch, ref);
  }

  #giveBack({ written, attempts, notBefore }: Journey): void {
    this.#unfinished.set(written.index, { attempts, notBefore });
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

const wasEnded = (outcome: Outcome): boolean =>
  outcome.kind === 'failure' && outcome.failure.code === 'cancelled';

const waitBefore = (attempts: readonly AttemptEntry[], { startedAt }: Outcome): number => {
  const last = attempts.at(-1);
  return last === undefined ? 0 : startedAt - last.startedAt - last.totalMs;
};
