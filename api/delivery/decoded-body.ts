// A stored body as callers want it: without the content coding it came in.
import type { Transform } from 'node:stream';
import { decodeBody, isEncoded, openDecoder } from '../../shared/content-coding.ts';
import type { HeaderList, StoredResult } from '../../shared/result.ts';
import { joinValues } from './response-headers.ts';

/** `isEncoded` where the coding could not be undone and the bytes are those of the wire. */
export type DeliveredBody = { readonly bytes: Uint8Array; readonly isEncoded: boolean };

/** `wire` without its coding, exactly as long as was recorded. */
export const decodeWire = async (wire: Uint8Array, result: StoredResult): Promise<DeliveredBody> => {
  const coding = codingOf(result.headers);
  if (coding === undefined) return { bytes: wire, isEncoded: false };
  const { bytes: maxBytes = 0, truncated = false } = result.body ?? {};
  const decoded = isPart(result)
    ? undefined
    : await decodeBody(wire, coding, { maxBytes, truncates: truncated, isCut: truncated });
  return decoded === undefined || 'fault' in decoded
    ? { bytes: wire, isEncoded: true }
    : { bytes: decoded.bytes, isEncoded: false };
};

/** How a kept body can be sent as it is read; `start` are its first bytes. Undefined: only from memory. */
export const streamDecoding = (
  result: StoredResult,
  start: Uint8Array,
): { readonly isEncoded: boolean; readonly decoder?: Transform } | undefined => {
  const coding = codingOf(result.headers);
  if (coding === undefined || isPart(result)) return { isEncoded: coding !== undefined };
  const decoder = result.body?.truncated === true ? undefined : openDecoder(coding, start);
  return decoder === undefined ? undefined : { isEncoded: false, decoder };
};

/** The Content-Encoding that stands on the stored bytes; undefined where there is nothing to undo. */
export const codingOf = (headers: HeaderList | undefined): string | undefined => {
  const coding = joinValues(headers, 'content-encoding');
  return coding !== undefined && isEncoded(coding) ? coding : undefined;
};

// A part of an encoded body (RFC 9110 §15.3.7) cannot be decoded without the rest.
const isPart = ({ status }: StoredResult): boolean => status === 206;
