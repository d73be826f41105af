// What the RateLimit fields say of a quota that is used up, in the three forms that the drafts gave them. Pure.
// https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
import type { HeaderList } from '../shared/result.ts';
import { joinField } from './http/header-list.ts';

/** `remaining` is undefined where it is not said. */
type Quota = { readonly remaining: number | undefined; readonly resetSeconds: number };

/**
 * Milliseconds until every quota is renewed of which nothing remains; undefined where there is none. `isRefused`: the
 * response says by its status that there is one, so a quota that does not say what remains is taken for it.
 */
export const renewalMs = (headers: HeaderList, now: number, isRefused: boolean): number | undefined => {
  if (!hasRateLimit(headers) || isFromCache(headers)) return undefined;
  let longest: number | undefined;
  for (const { remaining, resetSeconds } of quotasOf(headers, now)) {
    const isUsedUp = remaining === 0 || (remaining === undefined && isRefused);
    if (isUsedUp) longest = Math.max(longest ?? 0, resetSeconds * 1000);
  }
  return longest;
};

// Asked of every response: most have none of these fields.
const hasRateLimit = (headers: HeaderList): boolean => {
  for (let at = 0; at < headers.length; at += 2)
    if (headers[at]?.startsWith('ratelimit') === true) return true;
  return false;
};

/** What a cache kept is not current. */
const isFromCache = (headers: HeaderList): boolean => (integer(joinField(headers, 'age')) ?? 0) > 0;

const quotasOf = (headers: HeaderList, now: number): readonly Quota[] => {
  const field = joinField(headers, 'ratelimit');
  if (field === undefined) {
    return quota(joinField(headers, 'ratelimit-remaining'), joinField(headers, 'ratelimit-reset'), now);
  }
  // The names of policies may contain anything, and do not matter.
  const plain = field.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  const members = plain.split(',');
  const whole = toMap(members);
  return whole.has('reset')
    ? quota(whole.get('remaining'), whole.get('reset'), now)
    : members.flatMap((member) => {
        const parameters = toMap(member.split(';').slice(1));
        return quota(parameters.get('r'), parameters.get('t'), now);
      });
};

const toMap = (members: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    members.map((member) => {
      const equals = member.indexOf('=');
      return [member.slice(0, equals).trim(), member.slice(equals + 1).trim()];
    }),
  );

/** None where either is no number, as a malformed field is to be ignored. */
const quota = (remaining: string | undefined, reset: string | undefined, now: number): readonly Quota[] => {
  const left = integer(remaining);
  const seconds = integer(reset);
  if (seconds === undefined || (remaining !== undefined && left === undefined)) return [];
  // Seconds from now; but some send a time, which is no plausible number of seconds.
  const resetSeconds = seconds < earliestTime ? seconds : Math.max(0, seconds - now / 1000);
  return [{ remaining: left, resetSeconds }];
};

/** Epoch seconds of 2001; or, as seconds from now, 31 years. */
const earliestTime = 1_000_000_000;

const integer = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined;
