// Puts batches on the queue behind the answer that accepted them.
import type { BatchRecord } from '../shared/batch.ts';
import type { Logger } from '../shared/logger.ts';
import type { Outbox } from '../shared/outbox.ts';
import type { Turn } from '../shared/turn.ts';

export type Dispatcher = {
  /** Begins, and never fails: what cannot be queued now stays in the outbox, and a worker does it. */
  dispatch(batch: BatchRecord, turn?: Turn): void;
  /** Resolves when nothing is on its way to the queue. */
  idle(): Promise<void>;
};

export const createDispatcher = (outbox: Outbox, logger: Logger): Dispatcher => {
  const underWay = new Set<Promise<void>>();
  return {
    dispatch(batch, turn) {
      const dispatching = outbox
        .dispatch(batch, turn)
        .catch((error: unknown) => {
          logger.warn(
            { err: error, batchId: batch.id },
            'slices not queued yet; the outbox will be reconciled',
          );
        })
        .finally(() => underWay.delete(dispatching));
      underWay.add(dispatching);
    },
    async idle() {
      await Promise.all(underWay);
    },
  };
};
