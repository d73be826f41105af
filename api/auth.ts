// Who calls: API keys → owners. Knows keys only as digests.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { ApiError } from './problem.ts';

export type ApiKey = { readonly name: string; readonly key: string };

/** Owner of everything where there are no keys. */
export const soleOwner = 'default';

/** Requires `Authorization: Bearer <key>` of one of `keys`, and notes its name as the owner; with no keys, lets all in. */
export const authenticate = (keys: readonly ApiKey[]): RequestHandler => {
  const digests = keys.map(({ name, key }) => ({ name, digest: digestOf(key) }));
  return (request, response, next) => {
    const owner = keys.length === 0 ? soleOwner : findOwner(digests, bearerToken(request.rawHeaders));
    if (owner === undefined) throw unauthorized();
    response.locals['owner'] = owner;
    next();
  };
};

/** The owner that `authenticate` found. */
export const ownerOf = (response: Response): string => {
  const owner: unknown = response.locals['owner'];
  if (typeof owner !== 'string') throw new Error('the route is not behind authenticate');
  return owner;
};

const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** The one bearer token; none where the header is missing, of another scheme or sent twice. */
const bearerToken = (rawHeaders: readonly string[]): string | undefined => {
  const values = rawHeaders.filter(
    (_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'authorization',
  );
  return values.length === 1 ? /^bearer +(\S+)$/i.exec(values[0] ?? '')?.[1] : undefined;
};

const findOwner = (
  known: readonly { readonly name: string; readonly digest: Buffer }[],
  token: string | undefined,
): string | undefined => {
  if (token === undefined) return undefined;
  const digest = digestOf(token);
  // Every key is compared, so that the time says nothing of which one it was.
  const owners = known.flatMap((each) => (timingSafeEqual(each.digest, digest) ? [each.name] : []));
  return owners[0];
};

const unauthorized = (): ApiError =>
  new ApiError('unauthorized', 'send a valid API key as Authorization: Bearer <key>', {
    headers: { 'WWW-Authenticate': 'Bearer realm="fetchfleet"' },
  });
