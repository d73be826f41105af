// Undoing of Content-Encoding (RFC 9110 §8.4), never past a cap. Knows nothing of where the bytes come from.
import { Readable, type Transform } from 'node:stream';
import { findCoding, type Coding } from './codings.ts';
import { startOf } from './stream-start.ts';

/** More stacked codings than this are refused: nothing honest sends them. */
export const maxCodings = 5;

/** Why a body could not be decoded. */
export type CodingFault = 'too_large' | 'corrupt' | 'too_many_codings';
export type Decoded = { readonly bytes: Uint8Array } | { readonly fault: CodingFault };
/** `isTruncated` where there is more of the body than `length`. */
export type Measured =
  | { readonly length: number; readonly isTruncated: boolean }
  | { readonly fault: CodingFault };

export type DecodeLimits = {
  readonly maxBytes: number;
  /** Takes the first `maxBytes` of a body that has more; without it such a body is a fault. */
  readonly truncates?: boolean;
  /** Takes what can be decoded of a body that was cut on its way; without it such a body is corrupt. */
  readonly isCut?: boolean;
};

/** The codings of a Content-Encoding value in the order they were applied, `identity` left out. */
export const parseContentEncoding = (value: string): readonly string[] =>
  value
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');

/** The layers to undo, first the one applied last; none where one of them is unknown here. */
const layersOf = (contentEncoding: string): readonly Coding[] => {
  const names = parseContentEncoding(contentEncoding);
  const known = names.map(findCoding).filter((coding) => coding !== undefined);
  return known.length === names.length ? known.toReversed() : [];
};

/** Whether a body under this Content-Encoding differs from what `decodeBody` makes of it. */
export const isEncoded = (contentEncoding: string): boolean => layersOf(contentEncoding).length > 0;

/** A stream that decodes a whole body beginning with `start`; undefined where there is not exactly one coding. */
export const openDecoder = (
  contentEncoding: string,
  start: Uint8Array,
  isCut = false,
): Transform | undefined => {
  const [layer, second] = layersOf(contentEncoding);
  return second === undefined ? layer?.open(start, isCut) : undefined;
};

/** Decodes a whole body; one with a coding unknown here is returned as it is. Never rejects. */
export const decodeBody = async (
  wire: Uint8Array,
  contentEncoding: string,
  limits: DecodeLimits,
): Promise<Decoded> => {
  const chunks: Uint8Array[] = [];
  const outcome = await decode(wire, contentEncoding, { ...limits, sink: (chunk) => chunks.push(chunk) });
  if ('fault' in outcome) return outcome;
  return { bytes: chunks[0]?.length === outcome.length ? chunks[0] : Buffer.concat(chunks, outcome.length) };
};

/** As `decodeBody`, but only counts: memory stays flat whatever the body unfolds to. Never rejects. */
export const measureBody = (
  wire: Uint8Array,
  contentEncoding: string,
  limits: DecodeLimits,
): Promise<Measured> => decode(wire, contentEncoding, { ...limits, sink: ignore });

/**
 * As `measureBody`, of a body that is decoded as it is read: memory stays flat whatever its length, under one coding.
 * Rejects where it cannot be read.
 */
export const measureStream = async (
  wire: Readable,
  contentEncoding: string,
  limits: DecodeLimits,
): Promise<Measured> => {
  const decoder = openDecoder(contentEncoding, await startOf(wire), limits.isCut);
  if (decoder === undefined)
    return await measureBody(Buffer.concat(await wire.toArray()), contentEncoding, limits);
  const outcome = await undoByStream(decoder, wire, { ...limits, sink: ignore });
  return 'fault' in outcome || limits.isCut !== true ? outcome : { ...outcome, isTruncated: true };
};

type Pass = DecodeLimits & { readonly sink: (chunk: Uint8Array) => unknown };

const decode = async (wire: Uint8Array, contentEncoding: string, pass: Pass): Promise<Measured> => {
  if (parseContentEncoding(contentEncoding).length > maxCodings) return { fault: 'too_many_codings' };
  const layers = layersOf(contentEncoding);
  return wire.length === 0 || layers.length === 0 ? passOn(wire, pass) : decodeLayers(wire, layers, pass);
};

const passOn = (wire: Uint8Array, { maxBytes, truncates = false, isCut = false, sink }: Pass): Measured => {
  if (wire.length > maxBytes && !truncates) return { fault: 'too_large' };
  const kept = wire.length > maxBytes ? wire.subarray(0, maxBytes) : wire;
  sink(kept);
  return { length: kept.length, isTruncated: isCut || kept !== wire };
};

// Of a body coded twice, what stands between may be longer than either end; a little room does no harm.
const roomBytes = 65_536;

/** Undoes one coding after the other: an inner layer is kept whole, since the cap bounds it too. */
const decodeLayers = async (wire: Uint8Array, layers: readonly Coding[], pass: Pass): Promise<Measured> => {
  let body = wire;
  let isCut = pass.isCut ?? false;
  for (const layer of layers.slice(0, -1)) {
    const kept: Uint8Array[] = [];
    const maxBytes = Math.max(pass.maxBytes, roomBytes);
    const inner = await undo(layer, body, { ...pass, isCut, maxBytes, sink: (chunk) => kept.push(chunk) });
    if ('fault' in inner) return inner;
    isCut ||= inner.isTruncated;
    body = Buffer.concat(kept, inner.length);
  }
  const [last] = layers.slice(-1);
  if (last === undefined) return passOn(body, pass);
  const outcome = await undo(last, body, { ...pass, isCut });
  return 'fault' in outcome || !isCut ? outcome : { ...outcome, isTruncated: true };
};

const undo = async (layer: Coding, body: Uint8Array, pass: Pass): Promise<Measured> =>
  undoSmall(layer, body, pass) ?? (await undoByStream(layer.open(body, pass.isCut ?? false), body, pass));

// A small body is decoded where we stand: 45 µs of CPU instead of 150 for a stream, and a bomb ends after a megabyte.
const smallBytes = 8192;
const smallOutputBytes = 1_048_576;

/** Undefined when the body is not small after all, or is to be truncated. */
const undoSmall = (layer: Coding, body: Uint8Array, pass: Pass): Measured | undefined => {
  const { maxBytes, truncates = false, isCut = false, sink } = pass;
  if (body.length > smallBytes) return undefined;
  const maxOutputLength = Math.max(1, Math.min(maxBytes, smallOutputBytes));
  try {
    const decoded = layer.atOnce(body, { maxOutputLength, isCut });
    if (decoded.length > maxBytes) return truncates ? undefined : { fault: 'too_large' };
    sink(decoded);
    return { length: decoded.length, isTruncated: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') return { fault: 'corrupt' };
    return truncates || maxBytes > smallOutputBytes ? undefined : { fault: 'too_large' };
  }
};

/** Rejects only where the body is a stream that cannot be read. */
const undoByStream = (
  stream: Transform,
  body: Uint8Array | Readable,
  { maxBytes, truncates = false, sink }: Pass,
): Promise<Measured> =>
  new Promise((resolve, reject) => {
    let length = 0;
    stream.on('data', (chunk: Buffer) => {
      const room = maxBytes - length;
      length += Math.min(room, chunk.length);
      if (chunk.length <= room) return sink(chunk);
      if (truncates) sink(chunk.subarray(0, room));
      resolve(truncates ? { length, isTruncated: true } : { fault: 'too_large' });
      return stream.destroy();
    });
    stream.on('end', () => resolve({ length, isTruncated: false }));
    stream.on('error', () => resolve({ fault: 'corrupt' }));
    if (body instanceof Readable) {
      stream.on('close', () => body.destroy());
      body.on('error', reject).pipe(stream);
    } else {
      stream.end(body);
    }
  });

const ignore = (): void => undefined;
