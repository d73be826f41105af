// An answer from elsewhere, or none: for those who must answer in time whatever happens there.

/** Undefined where it failed, or took longer. */
export const within = <T>(timeoutMs: number, ask: () => Promise<T>): Promise<T | undefined> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    ask()
      .then(resolve, () => resolve(undefined))
      .finally(() => clearTimeout(timer));
  });
