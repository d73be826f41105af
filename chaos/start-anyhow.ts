// Starting a process as an orchestrator does: one that could not start, Redis being in trouble as well, is started again.

const maxStarts = 10;

/** Resolves when it has started; rejects as the last of many attempts did. */
export const startAnyhow = async (start: () => Promise<unknown>): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await start();
      return;
    } catch (error) {
      if (attempt === maxStarts) throw error;
    }
  }
};
