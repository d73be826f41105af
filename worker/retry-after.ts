// How long a server asks to be left alone: Retry-After (RFC 9110 §10.2.3), else its RateLimit fields. Pure.
import type { Outcome, ResponseHead } from './outcome.ts';
import { findField } from './http/header-list.ts';
import { renewalMs } from './rate-limit.ts';

/** Milliseconds from `now`, however many; undefined where the response does not say, or says nonsense. */
export const retryAfterMs = ({ status, headers }: ResponseHead, now: number): number | undefined => {
  const retryAfter = findField(headers, 'retry-after')?.trim();
  if (retryAfter !== undefined) return secondsMs(retryAfter) ?? dateMs(retryAfter, now);
  return throttlingStatuses.has(status) ? renewalMs(headers, now, true) : undefined;
};

/** Whether the server turned the request away to be asked less: 429, or 503 with a wait. */
export const isThrottled = (outcome: Outcome, now: number): boolean => {
  const head = headOf(outcome);
  return head?.status === 429 || (head?.status === 503 && (retryAfterMs(head, now) ?? 0) > 0);
};

/** What had come of a response; a failure may have come after it. */
export const headOf = (outcome: Outcome): ResponseHead | undefined =>
  outcome.kind === 'response' ? outcome : outcome.response;

const throttlingStatuses: ReadonlySet<number> = new Set([429, 503]);

const secondsMs = (value: string): number | undefined =>
  /^\d{1,12}$/.test(value) ? Number(value) * 1000 : undefined;

/** An HTTP-date in the past asks for nothing. `Date.parse` alone would take numbers and much else for dates. */
const dateMs = (value: string, now: number): number | undefined => {
  if (!/^[A-Z][a-z]{2,8},? /.test(value)) return undefined;
  // The oldest form, asctime, names no zone and means GMT (RFC 9110 §5.6.7).
  const at = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(at) || at <= now ? undefined : at - now;
};
