// Undoes the content coding of a stored body.
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { promisify } from 'node:util';

const decoders = new Map([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

/** The decoded bytes; undefined where they cannot be had within `maxBytes`. */
export const decodeStored = async (
  wire: Uint8Array,
  contentEncoding: string,
  maxBytes: number,
): Promise<Uint8Array | undefined> => {
  const decode = decoders.get(contentEncoding.toLowerCase());
  if (decode === undefined) return wire;
  return await decode(wire, { maxOutputLength: Math.max(1, maxBytes) }).catch(() => undefined);
};
