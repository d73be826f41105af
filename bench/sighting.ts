// What the counting target saw, and what can be read from it. Pure. All moments are of the shared clock, in ms.

/** How a request left: answered, refused with 503, or gone because the client closed; undefined while it is there. */
export type Ending = 'answered' | 'refused' | 'closed' | undefined;

/** One request at the target. */
export type Sighting = {
  /** The first label of the host's name. */
  readonly host: string;
  /** 17 of the path `/17`; NaN of a path that is no number. */
  readonly path: number;
  /** When its head was there. */
  readonly arrivedMs: number;
  /** When its response was written or its socket had closed; Infinity while it is there. */
  readonly leftMs: number;
  /** Requests at that host when it arrived, itself included. */
  readonly inFlight: number;
  readonly ending: Ending;
};

export type Span = { readonly fromMs: number; readonly untilMs: number };

/** From the first arrival to the last departure. */
export const spanOf = (sightings: readonly Sighting[]): Span => ({
  fromMs: sightings.reduce((first, { arrivedMs }) => Math.min(first, arrivedMs), Number.POSITIVE_INFINITY),
  untilMs: sightings.reduce((last, { leftMs }) => Math.max(last, leftMs), Number.NEGATIVE_INFINITY),
});

/** The span without this share of it at either end. */
export const trim = ({ fromMs, untilMs }: Span, share: number): Span => {
  const cutMs = (untilMs - fromMs) * share;
  return { fromMs: fromMs + cutMs, untilMs: untilMs - cutMs };
};

/** Most requests at any one host at once. */
export const mostInFlight = (sightings: readonly Sighting[]): number =>
  sightings.reduce((most, { inFlight }) => Math.max(most, inFlight), 0);

/** Requests there on average over the span, each moment weighing the same. */
export const meanInFlight = (sightings: readonly Sighting[], { fromMs, untilMs }: Span): number => {
  const presentMs = sightings.reduce(
    (sum, { arrivedMs, leftMs }) =>
      sum + Math.max(0, Math.min(leftMs, untilMs) - Math.max(arrivedMs, fromMs)),
    0,
  );
  return presentMs / (untilMs - fromMs);
};

/** Those that arrived in the span, its end excluded. */
export const arrivedIn = (sightings: readonly Sighting[], { fromMs, untilMs }: Span): readonly Sighting[] =>
  sightings.filter(({ arrivedMs }) => arrivedMs >= fromMs && arrivedMs < untilMs);

/** Those that were answered with success in the span, its end excluded. */
export const answeredIn = (sightings: readonly Sighting[], { fromMs, untilMs }: Span): readonly Sighting[] =>
  sightings.filter(({ ending, leftMs }) => ending === 'answered' && leftMs >= fromMs && leftMs < untilMs);

/** Arrivals in each `windowMs` from the first arrival on. */
export const arrivalsByWindow = (sightings: readonly Sighting[], windowMs: number): readonly number[] => {
  const { fromMs } = spanOf(sightings);
  const windows: number[] = [];
  for (const { arrivedMs } of sightings) {
    const window = Math.floor((arrivedMs - fromMs) / windowMs);
    while (windows.length <= window) windows.push(0);
    windows[window] = (windows[window] ?? 0) + 1;
  }
  return windows;
};

/** Most arrivals in any `windowMs`, wherever it begins; two that are exactly so far apart are not in the same one. */
export const busiestWindow = (sightings: readonly Sighting[], windowMs: number): number => {
  const arrivals = sightings.map(({ arrivedMs }) => arrivedMs).toSorted((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [last, arrivedMs] of arrivals.entries()) {
    while (arrivedMs - (arrivals[first] ?? arrivedMs) >= windowMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
};
