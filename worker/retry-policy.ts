// What to do with an outcome: keep it as the result, or try again, and when. Pure; the only table of what is retried.
import { failure, type Failure, type FailureCode } from '../shared/failure.ts';
import { idempotentMethods } from '../shared/request.ts';
import type { AttemptEntry } from '../shared/result.ts';
import type { Outcome, ResolvedRequest } from './outcome.ts';
import { retryAfterMs } from './retry-after.ts';
import { acceptsStatus } from './accept-status.ts';
import { wholeEndsAt } from './whole-request.ts';

/** Final, with the failure that the result bears if it did not succeed; or another attempt after a wait. */
export type Verdict =
  | { readonly is: 'final'; readonly failure?: Failure }
  | { readonly is: 'again'; readonly afterMs: number };

export type Situation = {
  readonly request: ResolvedRequest;
  readonly outcome: Outcome;
  /** The attempts made, this one included. */
  readonly attempts: readonly AttemptEntry[];
  /** Epoch ms. */
  readonly now: number;
  /** No attempt starts after this, epoch ms. */
  readonly expiresAt: number;
  /** From 0 up to 1, for jitter. */
  readonly random: number;
};

// RFC 9110 §15: the statuses that speak of a passing condition.
const retriedStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const retriedFailures: ReadonlySet<FailureCode> = new Set([
  'dns_failed',
  'connect_failed',
  'timed_out',
  'connection_lost',
]);

const firstBackoffMs = 500;
const longestBackoffMs = 30_000;

export const decide = (situation: Situation): Verdict => {
  const { request, outcome, attempts, now } = situation;
  const reason = failureOf(request, outcome);
  if (reason === undefined) return { is: 'final' };
  const final: Verdict = { is: 'final', failure: reason };
  if (attempts.length >= request.maxAttempts || !isWorthRetrying(outcome) || !mayRepeat(request, outcome))
    return final;
  const afterMs = waitMs(situation);
  return now + afterMs < lastStartAt(situation) ? { is: 'again', afterMs } : final;
};

const failureOf = (request: ResolvedRequest, outcome: Outcome): Failure | undefined => {
  if (outcome.kind === 'failure') return outcome.failure;
  if (acceptsStatus(request.acceptStatus, outcome.status)) return undefined;
  return failure('http_status', `the status ${outcome.status} is not among ${request.acceptStatus}`);
};

const isWorthRetrying = (outcome: Outcome): boolean =>
  outcome.kind === 'response'
    ? retriedStatuses.has(outcome.status)
    : outcome.isTransient && retriedFailures.has(outcome.failure.code);

/** A method that is not idempotent is repeated only where the server cannot have seen it, or the user said so. */
const mayRepeat = (request: ResolvedRequest, outcome: Outcome): boolean =>
  idempotentMethods.has(request.method) ||
  request.retryUnsafe ||
  (outcome.kind === 'failure' && !outcome.wasSent);

/** An attempt starts before this or not at all, epoch ms. */
const lastStartAt = ({ request, attempts, expiresAt }: Situation): number =>
  Math.min(expiresAt, wholeEndsAt(request, attempts));

/** What the server asks for beats our own backoff: exponential, capped, with full jitter. */
const waitMs = ({ outcome, attempts, now, random }: Situation): number => {
  const asked = outcome.kind === 'response' ? retryAfterMs(outcome, now) : undefined;
  return asked ?? random * Math.min(longestBackoffMs, firstBackoffMs * 2 ** attempts.length);
};
