// The content codings that this runtime can undo (RFC 9110 §8.4.1), each as a stream and at once. Knows of no caps.
import zlib from 'node:zlib';
import type { Transform } from 'node:stream';

/** `isCut` takes what can be decoded of a body that ends early; without it such a body is an error. */
export type Coding = {
  /** `start` is how the body begins, at least its first byte. */
  open(start: Uint8Array, isCut: boolean): Transform;
  /** Throws ERR_BUFFER_TOO_LARGE beyond `maxOutputLength`, and anything else for a corrupt body. */
  atOnce(
    body: Uint8Array,
    options: { readonly maxOutputLength: number; readonly isCut: boolean },
  ): Uint8Array;
};

/** By name in lower case; undefined for those that are not known here. */
export const findCoding = (name: string): Coding | undefined => codings.get(name);

/** The functions of Node for one format, and the operation that ends a stream without the format's own end. */
type Format<Options> = {
  readonly open: (options: Options) => Transform;
  readonly atOnce: (body: Uint8Array, options: Options & OutputOptions) => Uint8Array;
};
type EndOptions = { readonly finishFlush?: number };
type OutputOptions = { readonly maxOutputLength: number; readonly chunkSize: number };

const toCoding = (formatOf: (start: Uint8Array) => Format<EndOptions>, flushOperation: number): Coding => {
  const whole: EndOptions = {};
  const cut: EndOptions = { finishFlush: flushOperation };
  return {
    open: (start, isCut) => formatOf(start).open(isCut ? cut : whole),
    atOnce: (body, { maxOutputLength, isCut }) =>
      formatOf(body).atOnce(body, {
        ...(isCut ? cut : whole),
        maxOutputLength,
        chunkSize: outputRoom(body.length),
      }),
  };
};

/** For all of what a body of text unfolds to, mostly: in several pieces it takes a quarter longer, and is copied once more. */
const outputRoom = (wireBytes: number): number => Math.min(Math.max(16_384, wireBytes * 16), 131_072);

// Not in the types of Node 20; there from 22.15 on.
const { createZstdDecompress, zstdDecompressSync } = zlib as {
  createZstdDecompress?: Format<EndOptions>['open'];
  zstdDecompressSync?: Format<EndOptions>['atOnce'];
};
const zstdFlush = 1; // ZSTD_e_flush

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;
const gunzip: Format<EndOptions> = { open: zlib.createGunzip, atOnce: zlib.gunzipSync };
const inflate: Format<EndOptions> = { open: zlib.createInflate, atOnce: zlib.inflateSync };
const inflateRaw: Format<EndOptions> = { open: zlib.createInflateRaw, atOnce: zlib.inflateRawSync };
const brotli: Format<EndOptions> = { open: zlib.createBrotliDecompress, atOnce: zlib.brotliDecompressSync };

const gzip = toCoding(() => gunzip, Z_SYNC_FLUSH);
// "deflate" is zlib by the standard, and bare deflate from many servers; the low nibble of zlib's first byte is 8.
const isZlib = (start: Uint8Array): boolean => ((start[0] ?? 0) & 15) === 8;
const deflate = toCoding((start) => (isZlib(start) ? inflate : inflateRaw), Z_SYNC_FLUSH);
const codings = new Map<string, Coding>([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', deflate],
  ['br', toCoding(() => brotli, BROTLI_OPERATION_FLUSH)],
]);
if (createZstdDecompress !== undefined && zstdDecompressSync !== undefined) {
  const zstd = { open: createZstdDecompress, atOnce: zstdDecompressSync };
  codings.set(
    'zstd',
    toCoding(() => zstd, zstdFlush),
  );
}

/** The Accept-Encoding that names what this runtime can decode. */
export const acceptEncoding = codings.has('zstd') ? 'gzip, deflate, br, zstd' : 'gzip, deflate, br';
