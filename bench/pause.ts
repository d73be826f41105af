// Waiting that ends early when the person has had enough.
import { setTimeout as sleep } from 'node:timers/promises';

/** Rejects soon after `signal` is aborted. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal });
};

const pollMs = 20;

/** Resolves when `condition` is true; rejects after `timeoutMs`, saying that it waited for `what`. */
export const pauseUntil = async (
  what: string,
  condition: () => Promise<boolean>,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> => {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await pause(pollMs, signal);
  }
};
