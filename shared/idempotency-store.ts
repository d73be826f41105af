// Which batch was made under an Idempotency-Key: what a client sends again after a lost answer makes no second one.
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchId } from './batch.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { runScript } from './script.ts';
import { leaseMs } from './scripts/idempotency.ts';
import { lookUp } from './scripts/look-up.ts';

/** What a client says of a submission: by its key it is known, by its fingerprint it is told from any other. */
export type IdempotencyClaim = {
  readonly owner: string;
  /** Visible ASCII. */
  readonly key: string;
  readonly fingerprint: string;
};

/**
 * Why a batch is not written: its key has made one (`done`), is making one on some API (`busy`), or was used for another
 * submission (`reused`).
 */
export type Refusal =
  | { readonly is: 'done'; readonly batchId: BatchId }
  | { readonly is: 'busy' }
  | { readonly is: 'reused' };

export type IdempotencyStore = {
  /** Undefined where a batch may be written under the key, which the writing itself asks again. */
  find(claim: IdempotencyClaim): Promise<Refusal | undefined>;
  /**
   * As `find`, but while another writes the batch, waits until that is done, or for as long as one that died would seem to
   * be at work: `busy` then means that it lives.
   */
  settled(claim: IdempotencyClaim): Promise<Refusal | undefined>;
};

const lookMs = 200;

/** `patienceMs` is how long `settled` waits. */
export const createIdempotencyStore = (
  redis: Redis,
  keys: Keys,
  { patienceMs = leaseMs + 2 * lookMs }: { readonly patienceMs?: number } = {},
): IdempotencyStore => {
  const find = async ({ owner, key, fingerprint }: IdempotencyClaim): Promise<Refusal | undefined> =>
    toRefusal(await runScript(redis, lookUp, [keys.idempotency(owner, key)], [fingerprint]));
  return {
    find,
    async settled(claim) {
      const deadline = performance.now() + patienceMs;
      for (;;) {
        const refusal = await find(claim);
        if (refusal?.is !== 'busy' || performance.now() > deadline) return refusal;
        await sleep(lookMs);
      }
    },
  };
};

/** The reply of a script that may refuse to write a batch. */
export const toRefusal = (reply: unknown): Refusal | undefined => {
  const [is, batchId] = reply as string[];
  if (is === 'done') return { is, batchId: batchId as BatchId };
  return is === 'busy' || is === 'reused' ? { is } : undefined;
};
