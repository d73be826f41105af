// The body of a streamed submission as it comes: decompressed, bounded, hashed where it must be told from others.
import { createHash } from 'node:crypto';
import type { Transform } from 'node:stream';
import type { Request } from 'express';
import { findCoding, type Coding } from '../../shared/codings.ts';
import { parseContentEncoding } from '../../shared/content-coding.ts';
import { bodyNotDecodable, bodyTooLarge } from '../error-answers.ts';
import { ApiError } from '../problem.ts';

export type Upload = {
  /** To be read once. Throws an ApiError where the client goes away, or sends what cannot be decompressed or too much. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Of all its bytes, decompressed, after reading what is left of them; empty unless opened as `isHashed`. */
  digest(): Promise<string>;
};

export type UploadOptions = {
  /** Most bytes, decompressed. */
  readonly maxBytes: number;
  readonly isHashed: boolean;
};

/** Nothing is read before it is asked for. Throws `unsupported_encoding`. */
export const openUpload = (request: Request, { maxBytes, isHashed }: UploadOptions): Upload => {
  const hash = isHashed ? createHash('sha256') : undefined;
  const decoded = decode(receive(request), codingOf(request));
  const chunks = bound(decoded, maxBytes, (chunk) => hash?.update(chunk));
  return {
    chunks: { [Symbol.asyncIterator]: () => chunks },
    async digest() {
      for await (const _ of chunks);
      return hash?.digest('base64url') ?? '';
    },
  };
};

const offered = ['gzip', 'deflate', 'br', 'zstd'].filter((name) => findCoding(name) !== undefined);

/** Undefined for a body sent plain. Throws `unsupported_encoding`. */
export const codingOf = (request: Request): Coding | undefined => {
  const [name, second] = parseContentEncoding(request.headers['content-encoding'] ?? '');
  if (name === undefined) return undefined;
  const coding = second === undefined ? findCoding(name) : undefined;
  if (coding !== undefined) return coding;
  throw new ApiError('unsupported_encoding', `send the body plain, or as one of ${offered.join(', ')}`, {
    headers: { 'Accept-Encoding': offered.join(', ') },
  });
};

const receive = async function* (request: Request): AsyncGenerator<Buffer> {
  try {
    // A submission refused half-way is answered on this socket.
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch {
    throw new ApiError('upload_aborted', 'the body ended before its length was reached');
  } finally {
    request.resume(); // what is not asked for any more must not stand before the next request of the connection
  }
};

const decode = async function* (
  source: AsyncGenerator<Buffer>,
  coding: Coding | undefined,
): AsyncGenerator<Buffer> {
  const first = coding === undefined ? undefined : await source.next();
  if (coding === undefined || first === undefined || first.done === true) {
    yield* source;
    return;
  }
  const decoder = coding.open(first.value, false);
  void feed(decoder, first.value, source);
  try {
    yield* decoder as AsyncIterable<Buffer>;
  } catch (error) {
    throw error instanceof ApiError ? error : bodyNotDecodable();
  }
};

/** Never rejects: what stops it comes out of the decoder. */
const feed = async (decoder: Transform, first: Buffer, source: AsyncIterable<Buffer>): Promise<void> => {
  try {
    await write(decoder, first);
    for await (const chunk of source) {
      if (decoder.destroyed) return;
      await write(decoder, chunk);
    }
    decoder.end();
  } catch (error) {
    decoder.destroy(error as Error);
  }
};

const write = (decoder: Transform, chunk: Buffer): Promise<void> | undefined => {
  if (decoder.write(chunk) || decoder.destroyed) return undefined;
  return new Promise((resolve) => {
    const goOn = (): void => {
      decoder.off('drain', goOn).off('close', goOn);
      resolve();
    };
    decoder.on('drain', goOn).on('close', goOn);
  });
};

const bound = async function* (
  source: AsyncIterable<Buffer>,
  maxBytes: number,
  onChunk: (chunk: Buffer) => void,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw bodyTooLarge(maxBytes);
    onChunk(chunk);
    yield chunk;
  }
};
