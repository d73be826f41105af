// The cookie jars of the batches that this worker fetches for: one a batch, in memory, gone with it.
import type { BatchId, BatchRecord } from '../shared/batch.ts';
import type { SliceOptions } from '../shared/request.ts';
import type { ClaimedSlice, SliceStore } from '../shared/slice-store.ts';
import { createCookieJar } from './http/cookie-jar.ts';
import type { CookieJar } from './http/cookie-jar.ts';

/** The defaults of a batch, with the jar that its requests share on this worker. */
export type DefaultsWithJar = SliceOptions & { readonly jar?: CookieJar };

export type CookieJars = {
  of(batch: Pick<BatchRecord, 'id' | 'expiresAt'>): CookieJar;
  /** The batch has ended. */
  drop(id: BatchId): void;
};

export type CookieJarsOptions = {
  /** Epoch ms. */
  readonly now: () => number;
  /** Jars kept at most; the one used longest ago goes first. */
  readonly maxJars?: number;
};

export const createCookieJars = ({ now, maxJars = 256 }: CookieJarsOptions): CookieJars => {
  const jars = new Map<BatchId, { readonly jar: CookieJar; readonly expiresAt: number }>();
  const dropExpired = (): void => {
    for (const [id, { expiresAt }] of jars) if (expiresAt <= now()) jars.delete(id);
  };
  return {
    of({ id, expiresAt }) {
      const kept = jars.get(id) ?? { jar: createCookieJar({ now }), expiresAt };
      jars.delete(id);
      if (jars.size >= maxJars) dropExpired();
      for (const oldest of jars.keys()) {
        if (jars.size < maxJars) break;
        jars.delete(oldest);
      }
      jars.set(id, kept);
      return kept.jar;
    },
    drop: (id) => void jars.delete(id),
  };
};

/** A slice store that hands out the jar of a batch with its defaults, where a request of the slice wants cookies. */
export const withCookieJars = (slices: SliceStore, jars: CookieJars): SliceStore => ({
  ...slices,
  claim: async (id, slice, taken) => {
    const claimed = await slices.claim(id, slice, taken);
    return claimed === undefined || claimed === 'held' || !wantsCookies(claimed)
      ? claimed
      : withJar(claimed, jars);
  },
});

const wantsCookies = ({ batch, requests }: ClaimedSlice): boolean =>
  batch.defaults.cookies === true || requests.some(({ cookies }) => cookies === true);

const withJar = (claimed: ClaimedSlice, jars: CookieJars): ClaimedSlice => {
  const defaults: DefaultsWithJar = { ...claimed.batch.defaults, jar: jars.of(claimed.batch) };
  return { ...claimed, batch: { ...claimed.batch, defaults } };
};
