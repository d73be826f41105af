// The host that a path names: an origin, in whatever spelling it is written. Nothing is dialled, so any address will do.
import type { Request } from 'express';
import { createUrlRule } from '../shared/url-rule.ts';
import { ApiError } from './problem.ts';

/** Its origin as workers know it, `http://example.org`; throws `path_invalid` saying what to mend. */
export const hostOf = (request: Request): string => {
  const segments = [request.params['host'] ?? []].flat();
  if (segments.length !== 1) {
    throw new ApiError('path_invalid', 'percent-encode the host: /v1/hosts/http%3A%2F%2Fexample.org');
  }
  const verdict = judge(segments[0] ?? '');
  if ('origin' in verdict) return verdict.origin;
  throw new ApiError('path_invalid', `the path does not name a host: ${verdict.refusal}`);
};

/** Whether this is the name of a host, in the spelling that answers use. */
export const isHostName = (text: string): text is string => {
  const verdict = judge(text);
  return 'origin' in verdict && verdict.origin === text;
};

const anyAddress = createUrlRule({ allows: () => true, namesPort: () => true });

const judge = (text: string): { readonly origin: string } | { readonly refusal: string } => {
  const verdict = anyAddress(text);
  if ('refusal' in verdict) return { refusal: verdict.refusal.message };
  const { href, origin } = verdict.url;
  return href === `${origin}/`
    ? { origin }
    : { refusal: `leave out path, query and fragment, as in ${origin}` };
};
