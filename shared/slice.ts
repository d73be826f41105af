// The slice: up to SLICE_SIZE requests of one batch, packed for storage, and the job that names it on the queue.
import { inflateRawSync } from 'node:zlib';
import { Packr } from 'msgpackr';
import { z } from 'zod';
import { isBatchId, type BatchId } from './batch.ts';
import { deflateNow } from './deflate.ts';
import { bytesPerRun, encodeRuns } from './index-runs.ts';
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
  const read = jobSchema.safeParse(data);
  if (read.success) return read.data;
  const later = laterJobSchema.safeParse(data);
  if (later.success) throw new UnknownVersionError('a job', later.data.v);
  throw read.error;
};

/** A fixed job id makes adding a slice twice the same as once. BullMQ refuses `:` in ids. */
export const jobIdOf = (batchId: BatchId, slice: number, generation: number): string =>
  generation === 0 ? `${batchId}-${slice}` : `${batchId}-${slice}-${generation}`;

const packr = new Packr({ useRecords: false });
/** A slice with a request that is not to be sent is of the later version: to others such a request is like any other. */
const [plainVersion, refusingVersion] = [1, 2];

/** Columns, since most requests are an index and a URL: the URLs are one text, and only what has options takes more. */
type Packed = [
  version: number,
  indexes: number[],
  urls: string,
  others: [place: number, fields: Omit<SliceRequest, 'index' | 'url'>][],
];

/** What a slice begins with that has its indexes ahead of it, for scripts to read. No raw deflate begins with it. */
export const runsAhead = 15;
/** That byte, and how many runs of indexes follow (16 bits, big-endian). */
const headBytes = 3;

/** The runs of its indexes, then deflated msgpack. */
export const packSlice = (requests: readonly SliceRequest[]): Buffer => {
  const runs = encodeRuns(requests.map(({ index }) => index));
  const head = Buffer.of(runsAhead, 0, 0);
  head.writeUInt16BE(runs.length / bytesPerRun, 1);
  return Buffer.concat([head, runs, deflateNow(packr.pack(toColumns(requests)))]);
};

/** Without what stands ahead of it: as slices of an earlier version are. */
export const withoutRuns = (bytes: Buffer): Buffer =>
  bytes[0] === runsAhead ? bytes.subarray(headBytes + bytes.readUInt16BE(1) * bytesPerRun) : bytes;

const toColumns = (requests: readonly SliceRequest[]): Packed => {
  const isRefusing = requests.some(({ refusal }) => refusal !== undefined);
  const urls = requests.map(({ url }) => url).join('\n');
  const columns: Packed = [isRefusing ? refusingVersion : plainVersion, [], urls, []];
  for (const [place, request] of requests.entries()) {
    columns[1].push(request.index);
    if (hasOptions(request)) columns[3].push([place, optionsOf(request)]);
  }
  return columns;
};

const hasOptions = (request: SliceRequest): boolean => {
  for (const field in request) if (field !== 'index' && field !== 'url') return true;
  return false;
};

const optionsOf = (request: SliceRequest): Omit<SliceRequest, 'index' | 'url'> => {
  const { index: _, url: __, ...fields } = request;
  return fields;
};

/** Throws UnknownVersionError on a version this build does not read. */
export const unpackSlice = (bytes: Buffer): SliceRequest[] => {
  const [version, indexes, urls, others] = packr.unpack(inflateRawSync(withoutRuns(bytes))) as Packed;
  if (version !== plainVersion && version !== refusingVersion)
    throw new UnknownVersionError('a slice', version);
  const texts = urls.split('\n'); // no URL that was accepted has a line break
  const requests = indexes.map((index, place): SliceRequest => ({ index, url: texts[place] ?? '' }));
  for (const [place, fields] of others) {
    const request = requests[place];
    if (request !== undefined) requests[place] = { ...request, ...fields };
  }
  return requests;
};
