// The slice: up to SLICE_SIZE requests of one batch, packed for storage, and the job that names it on the queue.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Packr } from 'msgpackr';
import { z } from 'zod';
import { isBatchId, type BatchId } from './batch.ts';
import type { SliceRequest } from './request.ts';
import { UnknownVersionError } from './unknown-version.ts';

/** The payload of a BullMQ job; `v` rises when a reader of the former version could not understand it. */
export type SliceJob = {
  readonly v: 1;
  readonly batchId: BatchId;
  readonly slice: number;
  /** How often its batch had been lined up before; absent for never. */
  readonly generation?: number | undefined;
};

/** A job as a worker took it: with its tag (turn.ts), where it has one. */
export type TakenSlice = SliceJob & { readonly tag?: number };

const jobSchema = z.object({
  v: z.literal(1),
  batchId: z.string().refine(isBatchId),
  slice: z.int().min(0),
  generation: z.int().min(0).optional(),
});

const laterJobSchema = z.object({ v: z.int().min(2) });

/** Reads a job's data; throws UnknownVersionError on a later version, and a ZodError on what was never a job. */
export const parseSliceJob = (data: unknown): SliceJob => {
  const later = laterJobSchema.safeParse(data);
  if (later.success) throw new UnknownVersionError('a job', later.data.v);
  return jobSchema.parse(data);
};

/** A fixed job id makes adding a slice twice the same as once. BullMQ refuses `:` in ids. */
export const jobIdOf = (batchId: BatchId, slice: number, generation: number): string =>
  generation === 0 ? `${batchId}-${slice}` : `${batchId}-${slice}-${generation}`;

const packr = new Packr({ useRecords: false });
const packedVersion = 1;

/** Columns, since most requests are an index and a URL: the URLs are one text, and only what has options takes more. */
type Packed = [
  version: number,
  indexes: number[],
  urls: string,
  others: [place: number, fields: Omit<SliceRequest, 'index' | 'url'>][],
];

/** Msgpack, then raw deflate at the fastest level: a slice is written once and read once or twice. */
export const packSlice = (requests: readonly SliceRequest[]): Buffer => {
  const packed: Packed = [packedVersion, [], requests.map(({ url }) => url).join('\n'), []];
  for (const [place, { index, url: _, ...fields }] of requests.entries()) {
    packed[1].push(index);
    if (hasFields(fields)) packed[3].push([place, fields]);
  }
  return deflateRawSync(packr.pack(packed), { level: 1 });
};

/** Throws UnknownVersionError on a version this build does not read. */
export const unpackSlice = (bytes: Buffer): SliceRequest[] => {
  const [version, indexes, urls, others] = packr.unpack(inflateRawSync(bytes)) as Packed;
  if (version !== packedVersion) throw new UnknownVersionError('a slice', version);
  const texts = urls.split('\n'); // no URL that was accepted has a line break
  const requests = indexes.map((index, place): SliceRequest => ({ index, url: texts[place] ?? '' }));
  for (const [place, fields] of others) {
    const request = requests[place];
    if (request !== undefined) requests[place] = { ...request, ...fields };
  }
  return requests;
};

const hasFields = (fields: object): boolean => {
  for (const _ in fields) return true;
  return false;
};
