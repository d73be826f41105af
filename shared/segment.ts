// The codec of a segment: several results packed together. A byte of version, a byte of outcomes, then deflated msgpack.
import { inflateRawSync } from 'node:zlib';
import { Packr } from 'msgpackr';
import { deflateAside } from './deflate.ts';
import { outcomes, type ResultOutcome, type StoredResult } from './result.ts';
import { fromColumns, toColumns, type Columns } from './segment-columns.ts';
import { UnknownVersionError } from './unknown-version.ts';

/** Results one segment holds at most; cursors count on it. */
export const maxSegmentResults = 1000;

const version = 1;
const packr = new Packr({ useRecords: false });

export const packSegment = async (results: readonly StoredResult[]): Promise<Buffer> => {
  const columns = await deflateAside(packr.pack(toColumns(results)));
  const mask = results.reduce((bits, { outcome }) => bits | outcomeBit(outcome), 0);
  return Buffer.concat([Buffer.from([version, mask]), columns]);
};

/** Throws UnknownVersionError on a version this build does not read, and others on bytes that are no segment. */
export const unpackSegment = (packed: Buffer): StoredResult[] => fromColumns(unpackColumns(packed));

/** As `unpackSegment`, for those who read a few columns, or all of them once: no object is made per result. */
export const unpackColumns = (packed: Buffer): Columns => {
  if (packed[0] !== version) throw new UnknownVersionError('a segment', packed[0]);
  return packr.unpack(inflateRawSync(packed.subarray(2))) as Columns;
};

/** Whether a packed segment has any result of this outcome, without unpacking it. */
export const hasOutcome = (packed: Buffer, outcome: ResultOutcome): boolean =>
  ((packed[1] ?? 0) & outcomeBit(outcome)) !== 0;

const outcomeBit = (outcome: ResultOutcome): number => 1 << outcomes.indexOf(outcome);
