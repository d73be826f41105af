// What is left of the calls that an owner may make, kept in Redis: a bucket that fills as time goes by.
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { runScript } from './script.ts';
import { spendCall } from './scripts/spend-call.ts';

export type CallBudget = {
  /** Takes one call of `perMinute` out of the owner's bucket, which holds those of a minute. Sent again, it may take two. */
  spend(owner: string, perMinute: number): Promise<Spent>;
};

export type Spent = {
  /** Calls left; below zero where there was none to take. */
  readonly left: number;
  /** Whole seconds until there is one call more. */
  readonly secondsUntilMore: number;
};

export const createCallBudget = (redis: Redis, keys: Keys): CallBudget => ({
  async spend(owner, perMinute) {
    const reply = await runScript(redis, spendCall, [keys.calls(owner)], [perMinute]);
    const [left = 0, waitMs = 0] = reply as number[];
    return { left, secondsUntilMore: Math.max(1, Math.ceil(waitMs / 1000)) };
  },
});
