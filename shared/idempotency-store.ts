// Which batch was made under an Idempotency-Key: what a client sends again after a lost answer makes no second one.
import type { BatchId } from './batch.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { runScript } from './script.ts';
import { lookUp } from './scripts/look-up.ts';

/** What a client says of a submission: by its key it is known, by its fingerprint it is told from any other. */
export type IdempotencyClaim = {
  readonly owner: string;
  /** Visible ASCII. */
  readonly key: string;
  readonly fingerprint: string;
  /** Of a body that is not in the fingerprint, since it was not read before the batch was begun; resolves once it was. */
  readonly digest?: () => Promise<string>;
};

/**
 * Why a batch is not written: its key has made one (`done`), is making one on some API (`busy`), or was used for another
 * submission (`reused`). One that is done may still be another, where the `digest` of its body is.
 */
export type Refusal =
  | { readonly is: 'done'; readonly batchId: BatchId; readonly digest: string | undefined }
  | { readonly is: 'busy' }
  | { readonly is: 'reused' };

export type IdempotencyStore = {
  /** Undefined where a batch may be written under the key, which the writing itself asks again. */
  find(claim: IdempotencyClaim): Promise<Refusal | undefined>;
};

export const createIdempotencyStore = (redis: Redis, keys: Keys): IdempotencyStore => ({
  async find({ owner, key, fingerprint }) {
    return toRefusal(await runScript(redis, lookUp, [keys.idempotency(owner, key)], [fingerprint]));
  },
});

/** The reply of a script that may refuse to write a batch. */
export const toRefusal = (reply: unknown): Refusal | undefined => {
  const [is, batchId, digest] = reply as string[];
  if (is === 'done') return { is, batchId: batchId as BatchId, digest: digest === '' ? undefined : digest };
  return is === 'busy' || is === 'reused' ? { is } : undefined;
};
