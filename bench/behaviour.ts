// How a host of the counting target answers. Pure: the server keeps the time and the counts.

export type Behaviour =
  /** `bodyBytes`: of an answer at least, of 20 or so by default. */
  | { readonly is: 'steady'; readonly delayMs: number; readonly bodyBytes?: number }
  /**
   * Takes `baseMs` with up to `knee` requests in flight, and the square of the excess longer beyond: its throughput
   * falls there. Refuses what comes with more than `cap` in flight.
   */
  | { readonly is: 'strained'; readonly baseMs: number; readonly knee: number; readonly cap: number }
  /** Refuses all for `retryAfterSeconds` from its first refusal on, saying so, and is steady after that. */
  | { readonly is: 'throttling'; readonly retryAfterSeconds: number; readonly delayMs: number }
  /** Never answers. */
  | { readonly is: 'hanging' };

export type Reply = {
  readonly status: 200 | 503;
  readonly delayMs: number;
  readonly bodyBytes?: number;
  readonly retryAfterSeconds?: number;
};

/** What a host is in when a request arrives: the requests there, this one included, and how long it has been refusing. */
export type Situation = { readonly inFlight: number; readonly refusingForMs: number };

/** The reply to a request; undefined where there never is one. */
export const replyOf = (behaviour: Behaviour, situation: Situation): Reply | undefined => {
  if (behaviour.is === 'hanging') return undefined;
  if (behaviour.is === 'strained') return strainedReply(behaviour, situation.inFlight);
  if (behaviour.is === 'steady') {
    const { is: _, ...reply } = behaviour;
    return { status: 200, ...reply };
  }
  const { delayMs, retryAfterSeconds } = behaviour;
  return situation.refusingForMs < retryAfterSeconds * 1000
    ? { status: 503, delayMs: 0, retryAfterSeconds }
    : { status: 200, delayMs };
};

const strainedReply = (
  { baseMs, knee, cap }: Extract<Behaviour, { is: 'strained' }>,
  inFlight: number,
): Reply =>
  inFlight > cap
    ? { status: 503, delayMs: 0 }
    : { status: 200, delayMs: baseMs * Math.max(1, (inFlight / knee) ** 2) };
