// Troubles that come while work goes on, each when so much of the work is done.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from './random.ts';

export type Trouble = { readonly name: string; readonly times: number; readonly make: () => Promise<void> };

/** What the troubles come upon. */
export type Work = {
  /** Share of it that is done. */
  done(): number;
  /** Settles when it is over, however it went. */
  readonly ended: Promise<unknown>;
};

export type Circumstances = { readonly random: Random; readonly work: Work; readonly signal: AbortSignal };

const lookMs = 20;
/** The last tenth is left in peace, so that what the last trouble did is still to be lived through. */
const troubledShare = 0.9;

/**
 * Makes every trouble as often as it says, at moments spread over the work and in an order that the seed determines;
 * resolves with how many were made. None begins after the work is over, nor once one has failed or `signal` is aborted;
 * those under way are waited for, and what failed is thrown then.
 */
export const makeTroubles = async (
  troubles: readonly Trouble[],
  { random, work, signal }: Circumstances,
): Promise<number> => {
  const end = new AbortController();
  const stop = (): void => end.abort();
  work.ended.then(stop, stop);
  const over = AbortSignal.any([signal, end.signal]);
  const making = troubles.map((trouble) =>
    makeOften(trouble, { random: random.fork(trouble.name), work, signal: over }),
  );
  for (const each of making) each.catch(stop);
  await Promise.allSettled(making);
  const made = await Promise.all(making);
  return made.reduce((sum, count) => sum + count, 0);
};

const makeOften = async (
  { times, make }: Trouble,
  { random, work, signal }: Circumstances,
): Promise<number> => {
  let made = 0;
  for (const moment of random.moments(times)) {
    while (work.done() < moment * troubledShare && !signal.aborted) await sleep(lookMs);
    if (signal.aborted) return made;
    await make();
    made += 1;
  }
  return made;
};
