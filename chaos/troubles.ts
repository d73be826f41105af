// Troubles that come while a batch runs, each when so much of the work is done.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Watching } from './follow.ts';
import type { Random } from './random.ts';

export type Trouble = { readonly name: string; readonly times: number; readonly make: () => Promise<void> };

const lookMs = 20;

/**
 * Makes every trouble as often as it says, at moments spread over the work and in an order that the seed determines;
 * resolves with how many were made. No new trouble begins once `signal` is aborted.
 */
export const makeTroubles = async (
  troubles: readonly Trouble[],
  { random, work, signal }: { random: Random; work: Pick<Watching, 'done'>; signal: AbortSignal },
): Promise<number> => {
  const made = await Promise.all(
    troubles.map(async ({ name, times, make }) => {
      let count = 0;
      // The last tenth is left in peace: a trouble after the end would prove nothing.
      for (const moment of random.fork(name).moments(times)) {
        while (work.done() < moment * 0.9 && !signal.aborted) await sleep(lookMs);
        if (signal.aborted) return count;
        await make();
        count += 1;
      }
      return count;
    }),
  );
  return made.reduce((sum, count) => sum + count, 0);
};
