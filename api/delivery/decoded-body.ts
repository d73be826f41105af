// A stored body as callers want it: without the content coding it came in.
import { decodeBody } from '../../shared/content-coding.ts';
import type { StoredBody, StoredResult } from '../../shared/result.ts';
import { firstValue } from './response-headers.ts';

/** The Content-Encoding that stands on the stored bytes; undefined where there is none. */
export const codingOf = ({ headers }: StoredResult): string | undefined =>
  firstValue(headers, 'content-encoding');

// Of a body coded twice, what stands between may be longer than either end; a little room does no harm.
const roomBytes = 65_536;

/** `wire` without its coding; undefined where it cannot be decoded to about the length that was recorded. */
export const decodeWire = async (
  wire: Uint8Array,
  coding: string,
  { bytes }: StoredBody,
): Promise<Uint8Array | undefined> => {
  const decoded = await decodeBody(wire, coding, Math.max(bytes, roomBytes));
  return 'bytes' in decoded ? decoded.bytes : undefined;
};
