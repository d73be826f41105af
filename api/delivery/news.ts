// What one who listens to a batch has not heard yet.
import type { BatchRecord } from '../../shared/batch.ts';
import type { Watch } from './batch-watch.ts';

export type News = {
  /**
   * First the batch itself, then as it was seen last, once that is newer than what came before; undefined where it is gone,
   * or all is over. To be asked one after the other. What was handed out is not kept.
   */
  next(): Promise<BatchRecord | undefined>;
  /** Whether nobody listens, or should, any more. */
  isOver(): boolean;
  stop(): void;
};

export type NewsSource = {
  readonly watch: Watch;
  /** Whether it is news that the batch has moved, and not only that it has ended. */
  readonly progress: boolean;
  /** Calls back, also at once, where nobody listens, or should, any more. */
  readonly onceOver: (listener: () => void) => void;
};

type Seen = { readonly batch: BatchRecord | undefined };

export const listen = (batch: BatchRecord, { watch, progress, onceOver }: NewsSource): News => {
  const state: {
    seen: Seen | undefined;
    tell: ((batch: Seen['batch']) => void) | undefined;
    isOver: boolean;
  } = { seen: { batch }, tell: undefined, isOver: false };
  const see = (seen: Seen['batch']): void => {
    const { tell } = state;
    if (tell === undefined) state.seen = { batch: seen };
    else tell(seen);
    state.tell = undefined;
  };
  const stop = watch(batch.id, see, { progress });
  onceOver(() => {
    state.isOver = true;
    stop();
    state.tell?.(undefined);
  });
  return {
    next: () =>
      new Promise((resolve) => {
        const { seen, isOver } = state;
        state.seen = undefined;
        if (seen === undefined && !isOver) state.tell = resolve;
        else resolve(seen?.batch);
      }),
    isOver: () => state.isOver,
    stop,
  };
};
