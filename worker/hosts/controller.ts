// How many requests a host takes at once: found out by asking more or less of it and looking at what comes. Pure.
// Half as many more at a time until something goes wrong; from then on additive increase, multiplicative decrease. Where
// answers become slow, fewer are tried, and kept if as much gets done.
import { z } from 'zod';
import type { HostWindow } from '../../shared/permit-store.ts';

const stateSchema = z.object({
  limit: z.number(),
  /** Nothing has gone wrong since it is known. */
  isUntroubled: z.boolean(),
  /** The quickest answer in ms, forgotten slowly. */
  quickestMs: z.number(),
  /** The limit at which it was overloaded last; for so many windows growth is slow from there on. */
  ceiling: z.number(),
  ceilingWindows: z.number(),
  /** The limit, and the answers per ms, before fewer were tried; 0 where nothing is being tried. */
  triedFrom: z.number(),
  triedPerMs: z.number(),
  /** Windows until fewer are tried again, and how many there were the last time. */
  restWindows: z.number(),
  lastRest: z.number(),
  /** Overloads with no success since, and how often the breaker opened since. */
  failures: z.number(),
  opens: z.number(),
  /** Why the limit is lower than where a host begins, in the user's words; empty where it is not. */
  why: z.string(),
});

/** What is known of a host. It travels through Redis as JSON; whichever worker has a window to judge takes it further. */
export type HostState = Readonly<z.infer<typeof stateSchema>>;

export type Decision = {
  readonly state: HostState;
  /** Set where the breaker is to be open for so long. */
  readonly openMs?: number;
  /** Until what comes in speaks of this decision. */
  readonly settleMs: number;
};

/** Requests in flight: where a host begins, and the most it may have. Without `explores`, fewer are tried only where it fails. */
export type Bounds = { readonly start: number; readonly most: number; readonly explores: boolean };

/** Longer than any answer. */
const unknownMs = 1e9;
const failuresToOpen = 20;
const firstOpenMs = 1000;
const longestOpenMs = 30_000;
const limitAfterOpen = 8;
const cut = 0.7;
/** Of the limit, in a window. */
const growth = { untroubled: 0.5, later: 0.1 };
const leastTried = 4;
/** Answers this much slower than the quickest say that requests wait inside the host. */
const slowFactor = 1.5;
/** A host that answers within this is in no trouble, however much quicker it once was. */
const quickMs = 25;
const keptShare = 0.95;
const toleratedOverloads = 0.01;
const firstRest = 10;
const longestRest = 80;
const ceilingWindows = 60;

/** Undefined where the window changes nothing. */
export const judge = (window: HostWindow, bounds: Bounds): Decision | undefined => {
  const before = parseState(window.state) ?? unknown(bounds);
  const state = remember(before, window);
  const { successes, overloads, wanted, meanMs } = window;
  if (before.opens > 0) return successes > 0 ? close(state, bounds) : open(state);
  if (overloads > toleratedOverloads * (successes + overloads)) return backOff(state, window);
  if (wanted <= state.limit && state.triedFrom === 0) return undefined;
  // In the first window connections were opened, and workers may just have started: it says how quick the host can be.
  if (before.quickestMs === unknownMs && isSlow(state, window)) return { state, settleMs: 0 };
  const next = dropReason(explore(state, window, bounds), bounds);
  return { state: next, settleMs: next.limit === state.limit ? 0 : meanMs };
};

/** A host that may have as many as one that is not known is in no trouble any more. */
const dropReason = (state: HostState, { start, most }: Bounds): HostState =>
  state.limit < Math.min(start, most) ? state : { ...state, why: '' };

const unknown = ({ start, most }: Bounds): HostState => ({
  limit: Math.min(start, most),
  isUntroubled: true,
  quickestMs: unknownMs,
  ceiling: 0,
  ceilingWindows: 0,
  triedFrom: 0,
  triedPerMs: 0,
  restWindows: 0,
  lastRest: firstRest / 2,
  failures: 0,
  opens: 0,
  why: '',
});

const remember = (state: HostState, { successes, overloads, leastMs }: HostWindow): HostState => ({
  ...state,
  quickestMs: successes > 0 ? Math.min(state.quickestMs * 1.02, Math.max(1, leastMs)) : state.quickestMs,
  failures: successes > 0 ? 0 : state.failures + overloads,
  ceilingWindows: Math.max(0, state.ceilingWindows - 1),
  restWindows: Math.max(0, state.restWindows - 1),
});

const close = (state: HostState, { most }: Bounds): Decision => ({
  state: { ...state, opens: 0, limit: Math.min(limitAfterOpen, most), why: 'it answers again' },
  settleMs: 0,
});

const open = (state: HostState): Decision => ({
  state: {
    ...state,
    opens: state.opens + 1,
    limit: 1,
    isUntroubled: false,
    triedFrom: 0,
    why: 'every attempt failed',
  },
  openMs: Math.min(longestOpenMs, firstOpenMs * 2 ** state.opens),
  settleMs: 0,
});

const backOff = (state: HostState, { overloads, successes, meanMs }: HostWindow): Decision => {
  if (state.failures >= failuresToOpen) return open(state);
  const limit = Math.max(1, Math.floor(state.limit * cut));
  const why = `${overloads} of ${overloads + successes} attempts were refused, lost or timed out`;
  return {
    state: { ...state, limit, isUntroubled: false, ceiling: state.limit, ceilingWindows, triedFrom: 0, why },
    settleMs: Math.max(300, meanMs),
  };
};

const isSlow = ({ quickestMs }: HostState, { meanMs }: HostWindow): boolean =>
  meanMs > quickMs && meanMs > quickestMs * slowFactor;

const explore = (state: HostState, window: HostWindow, bounds: Bounds): HostState => {
  const perMs = window.successes / Math.max(1, window.ms);
  if (state.triedFrom > 0 && perMs < state.triedPerMs * keptShare) return takeBack(state);
  if (!isSlow(state, window) || !bounds.explores) return grow(state, bounds);
  if (state.restWindows > 0 || state.limit <= leastTried) return { ...state, triedFrom: 0 };
  return {
    ...state,
    limit: Math.max(leastTried, Math.floor(state.limit * cut)),
    isUntroubled: false,
    triedFrom: state.limit,
    triedPerMs: perMs,
    why: `its answers take ${Math.round(window.meanMs)} ms instead of ${Math.round(state.quickestMs)}`,
  };
};

/** Fewer got less done: as many as before, and no new try for a while, each time longer. */
const takeBack = (state: HostState): HostState => {
  const lastRest = Math.min(longestRest, state.lastRest * 2);
  return { ...state, limit: state.triedFrom, triedFrom: 0, restWindows: lastRest, lastRest };
};

const grow = (state: HostState, { most }: Bounds): HostState => {
  const isNearCeiling = state.ceilingWindows > 0 && state.limit >= state.ceiling * 0.8;
  const share = state.isUntroubled ? growth.untroubled : growth.later;
  const step = isNearCeiling ? 1 : Math.max(1, Math.floor(state.limit * share));
  return { ...state, limit: Math.min(most, state.limit + step), triedFrom: 0 };
};

/** Undefined for what another version wrote: the host is unknown again. */
const parseState = (text: string): HostState | undefined => {
  if (text === '') return undefined;
  const parsed = stateSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
};
