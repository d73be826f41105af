// The bounded loop under the bare contenders: nothing but a counter.

/** Runs `task` for 0 … count-1, at most `concurrency` at a time; rejects with the first failure, starting nothing more. */
export const inParallel = async (
  count: number,
  concurrency: number,
  task: (index: number) => Promise<void>,
): Promise<void> => {
  const queue = { next: 0, isBroken: false };
  const lane = async (): Promise<void> => {
    while (queue.next < count && !queue.isBroken) {
      const index = queue.next;
      queue.next += 1;
      await task(index).catch((error: unknown) => {
        queue.isBroken = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, lane));
};
