// Waiting for a retry inside a slice, for as long as other requests of the slice keep it alive.

export type RetryWait = {
  /** True at `at` (epoch ms); false as soon as every request of the slice only waits, or the worker stops. */
  until(at: number): Promise<boolean>;
  /** Ends every wait, with false: the batch is paused, or has ended. */
  endAll(): void;
  /** The caller's request is finished, or is given back. To be called once a request. */
  leave(): void;
};

/** `requests` is how many there are in the slice: each is busy until it waits or leaves. */
export const createRetryWait = (requests: number, now: () => number, stopping: AbortSignal): RetryWait => {
  const waiting = new Set<(isDue: boolean) => void>();
  let busy = requests;

  const endAll = (): void => {
    for (const end of waiting) end(false);
  };
  const endAllIfIdle = (): void => {
    if (busy === 0 && waiting.size > 0) endAll();
  };
  stopping.addEventListener('abort', endAll, { once: true });

  return {
    until(at) {
      const delayMs = at - now();
      if (delayMs <= 0) return Promise.resolve(true);
      if (stopping.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const end = (isDue: boolean): void => {
          clearTimeout(timer);
          waiting.delete(end);
          busy++;
          resolve(isDue);
        };
        const timer = setTimeout(() => end(true), delayMs);
        waiting.add(end);
        busy--;
        endAllIfIdle();
      });
    },
    endAll,
    leave() {
      busy--;
      if (busy > 0) return;
      stopping.removeEventListener('abort', endAll);
      endAllIfIdle();
    },
  };
};
