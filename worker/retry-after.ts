// How long a server asks to be left alone: Retry-After (RFC 9110 §10.2.3), else RateLimit-Reset. Pure.
import type { ResponseHead } from './outcome.ts';

/** A server may not park a request for longer. */
const longestMs = 60_000;

const throttlingStatuses: ReadonlySet<number> = new Set([429, 503]);

/** Milliseconds from `now`, at most a minute; undefined where the response does not say, or says nonsense. */
export const retryAfterMs = (response: ResponseHead, now: number): number | undefined => {
  const retryAfter = fieldOf(response, 'retry-after');
  const asked =
    retryAfter === undefined ? resetMs(response) : (secondsMs(retryAfter) ?? dateMs(retryAfter, now));
  return asked === undefined ? undefined : Math.min(asked, longestMs);
};

const resetMs = (response: ResponseHead): number | undefined => {
  if (!throttlingStatuses.has(response.status)) return undefined;
  const reset = fieldOf(response, 'ratelimit-reset');
  return reset === undefined ? undefined : secondsMs(reset);
};

const secondsMs = (value: string): number | undefined =>
  /^\d{1,12}$/.test(value) ? Number(value) * 1000 : undefined;

/** An HTTP-date in the past asks for nothing. `Date.parse` alone would take numbers and much else for dates. */
const dateMs = (value: string, now: number): number | undefined => {
  if (!/^[A-Z][a-z]{2,8},? /.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) || at <= now ? undefined : at - now;
};

const fieldOf = ({ headers }: ResponseHead, name: string): string | undefined => {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i] === name) return headers[i + 1]?.trim();
  }
  return undefined;
};
