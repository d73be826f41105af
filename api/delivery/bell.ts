// Rings for one who follows a batch when there may be more to read: first when it hangs, as nothing is missed from then on.
import type { BatchId } from '../../shared/batch.ts';
import type { BatchEvents } from '../../shared/batch-events.ts';
import type { Tail } from '../../shared/result-pages.ts';

export type Bell = {
  /** Resolves at once where it has rung since it last resolved; else when it does, after `ms`, or by the signal. */
  rung(ms: number): Promise<void>;
  /** What the batch ended with, where that was heard. */
  tail(): Tail | undefined;
  stop(): void;
};

// Results are recorded every few ms: who reads after each of them reads more often than is of use.
const gatherMs = 10;

export const hangBell = (events: BatchEvents, id: BatchId, signal: AbortSignal): Bell => {
  const state: {
    hasRung: boolean;
    wake: () => void;
    timer?: NodeJS.Timeout | undefined;
    tail?: Tail | undefined;
  } = {
    hasRung: false,
    wake: () => {},
  };
  const ring = (): void => {
    clearTimeout(state.timer);
    state.timer = undefined;
    state.hasRung = true;
    state.wake();
  };
  signal.addEventListener('abort', ring);
  // One that cannot be had now holds up nobody for longer than `rung` is asked to; it is dropped when it comes too late.
  const subscription = events.subscribe(id, (event, end) => {
    state.tail = end?.tail;
    if (event === 'end') ring();
    else state.timer ??= setTimeout(ring, gatherMs);
  });
  subscription.then(ring, ring);
  return {
    async rung(ms) {
      if (!state.hasRung && !signal.aborted) await wokenWithin(ms, state);
      state.hasRung = false;
    },
    tail: () => state.tail,
    stop() {
      signal.removeEventListener('abort', ring);
      clearTimeout(state.timer);
      subscription.then(
        (unsubscribe) => unsubscribe(),
        () => {},
      );
    },
  };
};

const wokenWithin = (ms: number, state: { wake: () => void }): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    state.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
