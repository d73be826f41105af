// A look at something that costs, good for a while for all who ask, also while it is being taken.

export type KeptFor = {
  /** A look is good for so long. */
  readonly freshMs: number;
  /** An older one, up to here, is good for one more, who has the next one taken; `freshMs` where not given. */
  readonly staleMs?: number;
};

/** What `take` brings. A look that fails is forgotten at once. */
export const keepLook = <T>(
  { freshMs, staleMs = freshMs }: KeptFor,
  take: () => Promise<T>,
): (() => Promise<T>) => {
  const last: { at: number; look?: Promise<T> } = { at: -Infinity };
  return () => {
    const now = performance.now();
    const { at, look: before } = last;
    if (before !== undefined && now - at < freshMs) return before;
    const look = take();
    Object.assign(last, { at: now, look });
    look.catch(() => {
      if (last.look === look) last.at = -Infinity;
    });
    return before !== undefined && now - at < staleMs ? before : look;
  };
};
