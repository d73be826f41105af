// The Idempotency-Key of a submission: reading it, and what is answered where it was used before.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07
import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { IdempotencyClaim, Refusal } from '../../shared/idempotency-store.ts';
import { ApiError } from '../problem.ts';

/** The key that was sent; undefined where none was. Throws `idempotency_key_invalid`. */
export const readIdempotencyKey = (request: Request): string | undefined => {
  const field = request.headers['idempotency-key'];
  if (field === undefined) return undefined;
  const key = typeof field === 'string' ? parseKey(field) : undefined;
  if (key !== undefined) return key;
  throw new ApiError(
    'idempotency_key_invalid',
    'send one Idempotency-Key of 1 to 255 visible ASCII characters, in quotes or not',
  );
};

const quoted = /^"((?:[!#-[\]-~]|\\["\\])*)"$/; // a string of RFC 8941 §3.3.3, without spaces
const bare = /^[!#-~][!-~]*$/;
const longestKey = 255;

const parseKey = (field: string): string | undefined => {
  const inQuotes = quoted.exec(field)?.[1]?.replaceAll(/\\(.)/g, '$1');
  const key = inQuotes ?? (bare.test(field) ? field : '');
  return key.length > 0 && key.length <= longestKey ? key : undefined;
};

type Keyed = Pick<IdempotencyClaim, 'owner' | 'key'>;

/** What tells this submission from others. */
export const toClaim = (
  request: Request,
  { owner, key, body }: Keyed & { readonly body: Buffer },
): IdempotencyClaim => ({
  owner,
  key,
  fingerprint: createHash('sha256').update(headOf(request)).update('\n').update(body).digest('base64url'),
});

/** The same of one that is written while it is read: what its body is told by comes last. */
export const toStreamClaim = (
  request: Request,
  { owner, key, digest }: Keyed & { readonly digest: () => Promise<string> },
): IdempotencyClaim => ({
  owner,
  key,
  fingerprint: createHash('sha256').update(headOf(request)).digest('base64url'),
  digest,
});

const headOf = ({ method, originalUrl, headers }: Request): string =>
  JSON.stringify([method, originalUrl, headers['content-type']]);

/** For a refusal that no batch can be shown for. */
export const toConflict = ({ is }: Refusal): ApiError => {
  if (is === 'reused') {
    return new ApiError('idempotency_key_reused', 'this Idempotency-Key was used for another submission');
  }
  if (is === 'busy') {
    return new ApiError(
      'idempotency_key_in_use',
      'the submission of this Idempotency-Key is being taken in; send it again soon',
      { headers: { 'Retry-After': '1' } },
    );
  }
  return new ApiError(
    'batch_gone',
    'the batch of this Idempotency-Key is gone; to make another, use a new key',
  );
};
