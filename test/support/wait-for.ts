// Waits for what a test expects to become true, instead of sleeping.
import { setTimeout as delay } from 'node:timers/promises';

/** Resolves with the first value of `condition` that is neither false nor undefined; rejects after `timeoutMs`. */
export const waitFor = async <T>(
  condition: () => T | false | undefined | Promise<T | false | undefined>,
  { timeoutMs = 20_000, intervalMs = 10 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<T> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== undefined) return value;
    if (performance.now() > deadline)
      throw new Error(`not true within ${timeoutMs} ms: ${condition.toString()}`);
    await delay(intervalMs);
  }
};
