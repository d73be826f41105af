// A look at something that costs, good for a while for all who ask, also while it is being taken.

/** What `take` brings, at most `freshMs` old. A look that fails is forgotten at once. */
export const keepLook = <T>(freshMs: number, take: () => Promise<T>): (() => Promise<T>) => {
  const last: { at: number; look?: Promise<T> } = { at: -Infinity };
  return () => {
    const now = performance.now();
    if (last.look !== undefined && now - last.at < freshMs) return last.look;
    last.at = now;
    last.look = take().catch((error: unknown) => {
      last.at = -Infinity;
      throw error;
    });
    return last.look;
  };
};
