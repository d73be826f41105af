// The slice: up to SLICE_SIZE requests of one batch, packed for storage, and the job that names it on the queue.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Packr } from 'msgpackr';
import { z } from 'zod';
import { isBatchId, type BatchId } from './batch.ts';
import type { SliceRequest } from './request.ts';

/** The payload of a BullMQ job; `v` rises when a reader of the former version could not understand it. */
export type SliceJob = { readonly v: 1; readonly batchId: BatchId; readonly slice: number };

const jobSchema = z.object({
  v: z.literal(1),
  batchId: z.string().refine(isBatchId),
  slice: z.int().min(0),
});

/** Reads a job's data; throws a ZodError on a version or shape that is not ours. */
export const parseSliceJob = (data: unknown): SliceJob => {
  return jobSchema.parse(data);
};

const packr = new Packr({ useRecords: false, encodeUndefinedAsNil: false });

/** Msgpack, then raw deflate at the fastest level: a slice is written once and read once or twice. */
export const packSlice = (requests: readonly SliceRequest[]): Buffer =>
  deflateRawSync(packr.pack(requests), { level: 1 });

export const unpackSlice = (packed: Buffer): SliceRequest[] =>
  packr.unpack(inflateRawSync(packed)) as SliceRequest[];
