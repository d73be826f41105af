// Waiting for a condition instead of for a time.

/** Resolves as soon as `holds` does; rejects after `withinMs`. */
export const until = async (holds: () => boolean, withinMs = 2000): Promise<void> => {
  const lastAt = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > lastAt)
      throw new Error(`still waiting after ${withinMs} ms for ${holds.toString()}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
};
