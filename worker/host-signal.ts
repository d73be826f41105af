// What the outcome of an attempt says about the host that was asked, whatever became of the request. Pure.
import type { Outcome, ResponseHead } from './outcome.ts';
import type { FailureCode } from '../shared/failure.ts';
import { renewalMs } from './rate-limit.ts';
import { headOf, isThrottled, retryAfterMs } from './retry-after.ts';

/**
 * `until` (epoch ms) is the host's own word, however far: until then it is to be left alone. `fine` with one answered,
 * and said that its quota is now used up.
 */
export type HostSignal =
  | { readonly is: 'fine'; readonly until?: number }
  | { readonly is: 'throttled'; readonly until?: number }
  | { readonly is: 'overloaded' }
  | { readonly is: 'neutral' };

const fine: HostSignal = { is: 'fine' };
const overloaded: HostSignal = { is: 'overloaded' };
const neutral: HostSignal = { is: 'neutral' };

/** It speaks of the host of `outcome.finalUrl`, which after redirects need not be the one asked first. */
export const hostSignal = (outcome: Outcome, now: number): HostSignal => {
  const head = headOf(outcome);
  if (head !== undefined && isThrottled(outcome, now)) return throttled(head, now);
  if (outcome.kind === 'failure') return fromFailure[outcome.failure.code] ?? neutral;
  if (strainedStatuses.has(outcome.status)) return overloaded;
  if (brokenStatuses.has(outcome.status)) return neutral;
  const renewal = renewalMs(outcome.headers, now, false);
  return renewal === undefined ? fine : { is: 'fine', until: now + renewal };
};

/** A wait of 0 s is none. */
const throttled = (head: ResponseHead, now: number): HostSignal => {
  const askedMs = retryAfterMs(head, now) ?? 0;
  return askedMs > 0 ? { is: 'throttled', until: now + askedMs } : { is: 'throttled' };
};

/** Unavailable without saying for how long; and what stands behind the host did not answer in time. */
const strainedStatuses: ReadonlySet<number> = new Set([503, 504]);

/** These may be a fault of this URL as well as trouble of the host. */
const brokenStatuses: ReadonlySet<number> = new Set([500, 502]);

/**
 * The others say nothing of how much the host can bear: it was not asked (invalid_request, blocked_address, dns_failed:
 * the trouble is the request's or the name server's; cancelled, internal: ours), or it answered, though in a way that
 * was of no use (tls_failed, invalid_response, body_too_large, too_many_redirects).
 */
const fromFailure: Partial<Record<FailureCode, HostSignal>> = {
  connect_failed: overloaded,
  connection_lost: overloaded,
  timed_out: overloaded,
};
