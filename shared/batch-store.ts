// Batches in Redis: saved by part, sealed, read, listed, ended, removed.
import type { BatchId, BatchRecord, BatchStatus, Metadata } from './batch.ts';
import type { SliceOptions, SliceRequest } from './request.ts';

/** What a new batch is known by before its requests are saved. Durations in seconds. */
export type NewBatch = {
  readonly id: BatchId;
  readonly owner: string;
  readonly name?: string | undefined;
  readonly metadata?: Metadata | undefined;
  readonly defaults: SliceOptions;
  readonly expiresInSeconds: number;
  readonly retentionSeconds: number;
};

/** A run of consecutive indexes, cut into slices. Saving one twice is the same as once. */
export type BatchPart = {
  /** Number of the first slice; the others follow. */
  readonly firstSlice: number;
  readonly slices: readonly (readonly SliceRequest[])[];
};

export type BatchPage = { readonly batches: readonly BatchRecord[]; readonly next?: BatchId };

export type BatchStore = {
  /** Begins a batch that nobody sees until it is sealed; left unsealed, it vanishes by itself within the hour. */
  create(batch: NewBatch): Promise<void>;
  savePart(id: BatchId, part: BatchPart): Promise<void>;
  /** Makes the batch visible and accepted: on disk where Redis can say so, and in the outbox. */
  seal(id: BatchId, total: number, slices: number): Promise<BatchRecord>;
  /** Undefined where there is no such batch of this owner. */
  get(id: BatchId, owner: string): Promise<BatchRecord | undefined>;
  /** Newest first; `after` is the last id of the page before. */
  list(query: {
    owner: string;
    limit: number;
    after?: BatchId | undefined;
    status?: BatchStatus | undefined;
  }): Promise<BatchPage>;
  /** Ends what is left as `cancelled`; a batch that has ended stays as it is. */
  cancel(id: BatchId): Promise<BatchRecord | undefined>;
  /** Removes every key of an ended batch, and its bodies. */
  remove(id: BatchId, owner: string): Promise<void>;
};
