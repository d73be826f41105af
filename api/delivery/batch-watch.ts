// Watches batches for all who wait for them: one subscription and one reading a batch, however many they are.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { BatchEnd, BatchEvents } from '../../shared/batch-events.ts';
import type { BatchId, BatchRecord } from '../../shared/batch.ts';

export type BatchWatch = {
  /**
   * Calls back, never at once, with the batch as it is: soon after the call, when it has ended, and where `progress`
   * is asked for whenever it has moved, a few times a second at most. `undefined`: there is none any more.
   * Returns how to stop.
   */
  readonly watch: Watch;
};

export type Watch = (
  id: BatchId,
  listener: WatchListener,
  wants?: { readonly progress: boolean },
) => () => void;

export type WatchListener = (batch: BatchRecord | undefined) => void;

export type BatchWatchDependencies = {
  readonly events: BatchEvents;
  /** Rejects where Redis does not answer; it is asked again later. */
  readonly read: (id: BatchId) => Promise<BatchRecord | undefined>;
  /** The least time between two readings for progress. */
  readonly gapMs?: number;
  /** Published events are lost while a subscription is down; a look now and then makes up for it. */
  readonly lookMs?: number;
};

/** What thousands do when they are told takes a second: in one go, all other calls would wait for it, and time out. */
const toldAtOnce = 100;

type Wants = { readonly progress: boolean };
/** At the last reading. */
type Seen = { readonly batch: BatchRecord | undefined };

/** One batch that is watched. */
type Watched = {
  readonly listeners: Map<WatchListener, Wants>;
  /** Has it read again for somebody who came later than the last reading. */
  catchUp(): void;
  leave(): void;
};

export const createBatchWatch = (dependencies: BatchWatchDependencies): BatchWatch => {
  const watched = new Map<BatchId, Watched>();
  return {
    watch: (id, listener, wants = { progress: false }) => {
      const known = watched.get(id);
      const batch = known ?? open(dependencies, id);
      watched.set(id, batch);
      // Two that wait with the same function are still two.
      const own: WatchListener = (seen) => listener(seen);
      batch.listeners.set(own, wants);
      if (known !== undefined) known.catchUp();
      return () => {
        if (!batch.listeners.delete(own) || batch.listeners.size > 0) return;
        watched.delete(id);
        batch.leave();
      };
    },
  };
};

const open = (
  { events, read, gapMs = 250, lookMs = 10_000 }: BatchWatchDependencies,
  id: BatchId,
): Watched => {
  const listeners: Watched['listeners'] = new Map();
  const told = new WeakSet<WatchListener>();
  const plan: { timer?: NodeJS.Timeout; at: number; readAt: number; isReading: boolean; seen?: Seen } = {
    at: Infinity,
    readAt: -Infinity,
    isReading: false,
  };
  /** The earliest of what was asked for holds. */
  const lookAt = (at: number): void => {
    if (at >= plan.at) return;
    clearTimeout(plan.timer);
    plan.at = at;
    if (plan.isReading) return;
    const inMs = at - performance.now();
    // At once where it is due: the shortest timer takes a millisecond.
    if (inMs <= 0) void look();
    else plan.timer = setTimeout(() => void look(), inMs).unref();
  };
  /** What is being read may be older than the end, and would be told after it. */
  const onEnd = (end: BatchEnd | undefined): void => {
    if (end?.batch === undefined || plan.isReading) return lookAt(0);
    clearTimeout(plan.timer);
    void takeIn(Promise.resolve(end.batch));
  };
  /** Who has heard of it as it is need not hear it again: many may come one after the other. */
  const tell = async (batch: BatchRecord | undefined): Promise<void> => {
    const isNews = !isDeepStrictEqual(plan.seen, { batch });
    plan.seen = { batch };
    const unaware = [...listeners.keys()].filter((listener) => isNews || !told.has(listener));
    for (const [at, listener] of unaware.entries()) {
      if (at > 0 && at % toldAtOnce === 0) await nextTurn();
      if (!listeners.has(listener)) continue; // gone meanwhile
      told.add(listener);
      listener(batch);
    }
  };
  const look = (): Promise<void> => takeIn(read(id));
  const takeIn = async (reading: ReturnType<typeof read>): Promise<void> => {
    Object.assign(plan, { isReading: true, at: Infinity, readAt: performance.now() });
    const batch = await reading.catch(() => 'unread' as const);
    if (batch !== 'unread') await tell(batch);
    plan.isReading = false;
    const asked = plan.at;
    plan.at = Infinity;
    if (listeners.size > 0) lookAt(Math.min(asked, performance.now() + lookMs));
  };
  const subscription = events.subscribe(id, (event, end) => {
    const wantsProgress = [...listeners.values()].some(({ progress }) => progress);
    if (event === 'end') onEnd(end);
    else if (wantsProgress) lookAt(plan.readAt + gapMs);
  });
  // The end may have come before the subscription did.
  subscription.then(
    () => lookAt(0),
    () => {},
  );
  lookAt(performance.now() + lookMs);
  return {
    listeners,
    catchUp: () => lookAt(plan.readAt + gapMs),
    leave() {
      clearTimeout(plan.timer);
      subscription.then(
        (stop) => stop(),
        () => {},
      );
    },
  };
};
