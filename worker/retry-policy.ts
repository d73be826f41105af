// What to do with an outcome: keep it as the result, or try again, and when. Pure; the only table of what is retried.
import { failure, type Failure, type FailureCode } from '../shared/failure.ts';
import { idempotentMethods } from '../shared/request.ts';
import type { AttemptEntry } from '../shared/result.ts';
import type { Outcome, ResolvedRequest, RetryKind } from './outcome.ts';
import { headOf, retryAfterMs } from './retry-after.ts';
import { acceptsStatus } from '../shared/accept-status.ts';
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

/** The first wait on average, and the longest of all. */
const backoffs = {
  ordinary: { firstMs: 500, longestMs: 30_000 },
  throttled: { firstMs: 1000, longestMs: 60_000 },
};

export const decide = (situation: Situation): Verdict => {
  const { request, outcome, attempts, now } = situation;
  const reason = failureOf(request, outcome);
  if (reason === undefined) return { is: 'final' };
  if (!isWorthRetrying(outcome) || !mayRepeat(request, outcome) || !isInBudget(request, attempts))
    return { is: 'final', failure: reason };
  const head = headOf(outcome);
  const askedMs = head === undefined ? undefined : retryAfterMs(head, now);
  const afterMs = waitMs(situation, askedMs);
  if (now + afterMs < lastStartAt(situation)) return { is: 'again', afterMs };
  return { is: 'final', failure: afterMs === askedMs ? tooLongAWait(reason, situation, askedMs) : reason };
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

/** Throttled attempts use up their own budget alone; the others also share `maxAttempts`. */
const isInBudget = (request: ResolvedRequest, attempts: readonly AttemptEntry[]): boolean => {
  const last = attempts.at(-1);
  if (last === undefined) return true;
  const kind = kindOf(last);
  return (
    attempts.filter((attempt) => kindOf(attempt) === kind).length <= request.retries[kind] &&
    (kind === 'throttled' || attempts.length - countThrottled(attempts) < request.maxAttempts)
  );
};

const kindOf = ({ throttled, failure: reason }: AttemptEntry): RetryKind => {
  if (throttled === true) return 'throttled';
  return reason === undefined ? 'status' : 'network';
};

const countThrottled = (attempts: readonly AttemptEntry[]): number =>
  attempts.filter(({ throttled }) => throttled === true).length;

/** An attempt starts before this or not at all, epoch ms. */
const lastStartAt = ({ request, attempts, expiresAt }: Situation): number =>
  Math.min(expiresAt, wholeEndsAt(request, attempts));

/** What the server asks for beats our own backoff: exponential, capped, with full jitter. */
const waitMs = ({ attempts, random }: Situation, askedMs: number | undefined): number => {
  const throttled = countThrottled(attempts);
  const isThrottled = attempts.at(-1)?.throttled === true;
  // Turned away, but not for long: whoever asks again at once is turned away again.
  if (askedMs !== undefined && !(isThrottled && askedMs === 0)) return askedMs;
  const { firstMs, longestMs } = isThrottled ? backoffs.throttled : backoffs.ordinary;
  const alike = isThrottled ? throttled : attempts.length - throttled;
  return random * Math.min(longestMs, firstMs * 2 ** alike);
};

const tooLongAWait = (reason: Failure, { request, attempts, expiresAt }: Situation, ms: number): Failure => {
  const asked = `${reason.message}; the host asks for a wait of ${Math.ceil(ms / 1000)} s`;
  return wholeEndsAt(request, attempts) < expiresAt
    ? failure(reason.code, `${asked}, more than is left of the ${request.withinMs} ms for the whole request`)
    : failure(reason.code, `${asked}, more than is left until the batch expires`);
};
