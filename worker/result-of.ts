// The result of a request, made from what its last attempt came to. Pure.
import type { Failure } from '../shared/failure.ts';
import type { SliceRequest } from '../shared/request.ts';
import type { AttemptEntry, StoredResult } from '../shared/result.ts';
import type { Writable } from '../shared/writable.ts';
import type { Outcome, ResolvedRequest } from './outcome.ts';
import { headOf, isThrottled } from './retry-after.ts';

/** The entry of an attempt that ended `now` in the log of its request; `waitMs` is the wait before it. */
export const attemptEntry = (outcome: Outcome, waitMs: number, now: number): AttemptEntry => {
  const { startedAt, timings, connection } = outcome;
  const entry: Writable<AttemptEntry> = {
    startedAt,
    waitMs: Math.max(0, Math.round(waitMs)),
    totalMs: timings.totalMs,
  };
  const head = headOf(outcome);
  if (head !== undefined) entry.status = head.status;
  if (isThrottled(outcome, now)) entry.throttled = true;
  if (outcome.kind === 'failure') entry.failure = outcome.failure;
  if (connection !== undefined) entry.connection = connection;
  return entry;
};

export type Ending = {
  readonly request: ResolvedRequest;
  readonly slice: number;
  readonly outcome: Outcome;
  readonly failure: Failure | undefined;
  readonly attempts: readonly AttemptEntry[];
  /** Epoch ms at which the batch was accepted. */
  readonly acceptedAt: number;
};

// Assigned field by field, like all that happens once a request: spreads cost more than they say.
export const resultOf = ({
  request,
  slice,
  outcome,
  failure,
  attempts,
  acceptedAt,
}: Ending): StoredResult => {
  const { dnsMs, connectMs, tlsMs, ttfbMs, bodyMs, totalMs } = outcome.timings;
  const queueMs = Math.max(0, outcome.startedAt - acceptedAt);
  const result: Writable<StoredResult> = {
    index: request.index,
    slice,
    url: request.url,
    outcome: failure === undefined ? 'succeeded' : 'failed',
    attempts,
    timings: { queueMs, dnsMs, connectMs, tlsMs, ttfbMs, bodyMs, totalMs },
  };
  const head = headOf(outcome);
  if (request.id !== undefined) result.id = request.id;
  if (head !== undefined) {
    result.status = head.status;
    result.headers = head.headers;
  }
  if (outcome.kind === 'response') result.body = outcome.body;
  if (outcome.redirects.length > 0) {
    result.redirects = outcome.redirects;
    if (outcome.finalUrl !== request.url) result.finalUrl = outcome.finalUrl;
  }
  if (failure !== undefined) result.failure = failure;
  if (outcome.connection !== undefined) result.connection = outcome.connection;
  return result;
};

/** Why a request ends that has no time or no right to another attempt. */
export type EarlyEnding = Omit<Ending, 'request' | 'outcome' | 'failure'> & {
  readonly request: Pick<SliceRequest, 'index' | 'id' | 'url'>;
  readonly failure: Failure;
};

/** The result of a request that ends without another attempt: what is known of the last one is in its entry. */
export const endedBetweenAttempts = ({
  request,
  slice,
  failure,
  attempts,
  acceptedAt,
}: EarlyEnding): StoredResult => {
  const last = attempts.at(-1);
  const queueMs = last === undefined ? 0 : Math.max(0, last.startedAt - acceptedAt);
  const totalMs = last?.totalMs ?? 0;
  return {
    index: request.index,
    slice,
    ...(request.id !== undefined && { id: request.id }),
    url: request.url,
    outcome: 'failed',
    failure,
    attempts,
    timings: { queueMs, dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, bodyMs: 0, totalMs },
  };
};
