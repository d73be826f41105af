// The long poll: waits for the end of a batch.
import { isTerminal, type BatchId, type BatchRecord } from '../../shared/batch.ts';
import type { Watch } from './batch-watch.ts';

export type Wait = {
  readonly watch: Watch;
  /** Reads the batch anew. */
  read(): Promise<BatchRecord>;
  readonly timeoutMs: number;
  /** Calls back, also at once, where the wait is to end early, with the batch as it is. */
  readonly onceOver: (giveUp: () => void) => void;
};

/** The batch once it has ended, or as it stands after `timeoutMs`. Thousands may wait: none keeps a record of its own. */
export const awaitEnd = async (id: BatchId, wait: Wait): Promise<BatchRecord> =>
  (await ended(id, wait)) ?? (await wait.read());

/** Undefined where it did not end in time, or is gone. */
const ended = (id: BatchId, { watch, timeoutMs, onceOver }: Wait): Promise<BatchRecord | undefined> =>
  new Promise((resolve) => {
    const settle = (seen?: BatchRecord): void => {
      clearTimeout(timer);
      stop();
      resolve(seen);
    };
    const giveUp = (): void => settle();
    const timer = setTimeout(giveUp, timeoutMs);
    const stop = watch(id, (seen) => {
      if (seen === undefined || isTerminal(seen)) settle(seen);
    });
    onceOver(giveUp);
  });
