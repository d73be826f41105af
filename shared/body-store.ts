// Response bodies too large for Redis. The contract; one implementation a file in the folder of the same name.
import type { Readable } from 'node:stream';
import type { BatchId } from './batch.ts';

export type BodyStore = {
  /** Stores the bytes durably before it answers with the reference to keep in the result. */
  put(id: BatchId, index: number, bytes: Uint8Array): Promise<string>;
  /** A body that is stored a part after the other. Nothing is stored before the first. */
  draft(id: BatchId, index: number): BodyDraft;
  /** The whole body; rejects where it is gone. */
  read(id: BatchId, ref: string): Promise<Buffer>;
  /** The body as a stream of bytes: all, or those from `start` to `end`, both included. */
  stream(id: BatchId, ref: string, range?: { readonly start: number; readonly end: number }): Readable;
  /** No error where there is none. */
  remove(id: BatchId, ref: string): Promise<void>;
  /** Removes every body of a batch; no error where there is none. */
  removeAll(id: BatchId): Promise<void>;
  /** Every batch that has a body here, for the sweeper. */
  batches(): Promise<BatchId[]>;
};

/** Nobody else sees it before it is kept. One call at a time; after one that rejects there is only `discard`. */
export type BodyDraft = {
  /** Resolves once the memory of the part may be used again. */
  write(part: Uint8Array): Promise<void>;
  /** Makes it durable before it answers with the reference to keep in the result. */
  keep(): Promise<string>;
  /** Leaves nothing of it, even where it was kept. Never rejects. */
  discard(): Promise<void>;
};
