// How many events each receiver is told at once by this worker, so that one that hangs takes neither all places nor all turns.

export type Receivers = {
  /** A place at the receiver, to be left afterwards; or, where it has none free, ms after which to ask again. */
  enter(origin: string): { readonly leave: () => void } | { readonly afterMs: number };
};

export type ReceiversOptions = {
  /** Places at each. */
  readonly places?: number;
  /** From 0 up to 1, for jitter. */
  readonly random: () => number;
};

/** Who is turned away comes back later the more were turned away: thousands that knock every second would be all that is done. */
const waitMs = { first: 1000, each: 100, longest: 120_000 };

export const createReceivers = ({ places = 8, random }: ReceiversOptions): Receivers => {
  const crowds = new Map<string, { inside: number; turnedAway: number }>();
  return {
    enter(origin) {
      const crowd = crowds.get(origin) ?? { inside: 0, turnedAway: 0 };
      if (crowd.inside >= places) {
        const afterMs = Math.min(waitMs.longest, waitMs.first + waitMs.each * crowd.turnedAway);
        crowd.turnedAway += 1;
        return { afterMs: afterMs * (1 + random()) };
      }
      crowd.inside += 1;
      crowds.set(origin, crowd);
      return {
        leave() {
          crowd.inside -= 1;
          crowd.turnedAway = Math.max(0, crowd.turnedAway - 1);
          if (crowd.inside === 0) crowds.delete(origin);
        },
      };
    },
  };
};
