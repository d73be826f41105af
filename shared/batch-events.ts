// Waiting for a batch without polling Redis: one subscription per batch that somebody waits for.
import type { BatchId } from './batch.ts';

export type BatchEvents = {
  /**
   * Resolves when counts of the batch have moved or it has ended since the call, or at the latest after `timeoutMs`.
   * Says only "look again"; the caller reads the batch.
   */
  changed(id: BatchId, timeoutMs: number, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};
