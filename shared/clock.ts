// The time that all processes agree on: the clock of Redis, carried on between two readings by the monotonic clock of this
// machine, since its wall clock may be wrong, and may jump.
import type { Redis } from './redis.ts';
import { redisNow } from './script.ts';

export type Clock = {
  /** Epoch ms, a whole number, of a moment on the clock of performance.now(): by default of this one. */
  readonly now: (at?: number) => number;
  stop(): void;
};

export type ClockOptions = {
  /** From one reading to the next. Within that much a jump of Redis' own clock is followed. */
  readonly everyMs?: number;
  /** Ms that never go back. */
  readonly monotonic?: () => number;
};

/** Resolves once it has been read; later readings that fail are left out. To be stopped before the connection is closed. */
export const followClock = async (
  redis: Redis,
  { everyMs = 2000, monotonic = (): number => performance.now() }: ClockOptions = {},
): Promise<Clock> => {
  const read = async (): Promise<Bounds> => {
    const askedAt = monotonic();
    const now = await redisNow(redis);
    return { least: now - monotonic(), most: now - askedAt };
  };
  const first = await read();
  const state: { aheadMs: number; timer?: NodeJS.Timeout } = { aheadMs: (first.least + first.most) / 2 };
  const readOn = async (): Promise<void> => {
    const bounds = await read().catch(() => undefined);
    if (bounds !== undefined) state.aheadMs = within(bounds, state.aheadMs);
    if (state.timer !== undefined) schedule();
  };
  const schedule = (): void => {
    state.timer = setTimeout(() => void readOn(), everyMs);
  };
  schedule();
  return {
    now: (at = monotonic()) => Math.floor(at + state.aheadMs),
    stop() {
      clearTimeout(state.timer);
      delete state.timer;
    },
  };
};

/** How far the clock of Redis is ahead of the monotonic one, at least and at most: it was read between asking and hearing. */
type Bounds = { readonly least: number; readonly most: number };

/** A reading that took long says little, and changes little. */
const within = ({ least, most }: Bounds, aheadMs: number): number => Math.min(Math.max(aheadMs, least), most);
