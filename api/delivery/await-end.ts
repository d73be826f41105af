// The long poll: waits for the end of a batch without asking Redis again and again.
import type { BatchRecord } from '../../shared/batch.ts';
import { isTerminal } from '../../shared/batch.ts';
import type { BatchEvents } from '../../shared/batch-events.ts';

export type Wait = {
  readonly events: BatchEvents;
  /** Reads the batch anew. */
  read(): Promise<BatchRecord>;
  readonly timeoutMs: number;
  /** Ends the wait early, with the batch as it is. */
  readonly signal: AbortSignal;
};

// Published events are lost while a subscription is down; a look now and then makes up for it.
const lookAgainMs = 5000;

/** The batch once it has ended, or as it stands after `timeoutMs`. */
export const awaitEnd = async (batch: BatchRecord, wait: Wait): Promise<BatchRecord> => {
  const deadline = performance.now() + wait.timeoutMs;
  const bell = createBell(wait.signal);
  const subscription = wait.events.subscribe(batch.id, (event) => event === 'end' && bell.ring());
  // A subscription that cannot be had now must not hold the answer; it is dropped when it comes.
  await Promise.race([subscription.catch(() => {}), bell.rungWithin(wait.timeoutMs)]);
  try {
    for (;;) {
      const current = await wait.read();
      const leftMs = deadline - performance.now();
      if (isTerminal(current) || leftMs <= 0 || wait.signal.aborted) return current;
      await bell.rungWithin(Math.min(leftMs, lookAgainMs));
    }
  } finally {
    bell.drop();
    subscription.then(
      (stop) => stop(),
      () => {},
    );
  }
};

type Bell = { ring(): void; rungWithin(ms: number): Promise<void>; drop(): void };

/** Rung once, by the event or by the signal; stays rung. */
const createBell = (signal: AbortSignal): Bell => {
  const listeners = new Set<() => void>();
  const state = { isRung: signal.aborted };
  const ring = (): void => {
    state.isRung = true;
    for (const listener of listeners) listener();
  };
  signal.addEventListener('abort', ring);
  return {
    ring,
    rungWithin: (ms) =>
      new Promise((resolve) => {
        if (state.isRung) return resolve();
        const done = (): void => {
          clearTimeout(timer);
          listeners.delete(done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        listeners.add(done);
      }),
    drop: () => signal.removeEventListener('abort', ring),
  };
};
