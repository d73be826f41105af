// The bytes of one stored body, opened to be sent: from memory, or from the body store as they are read.
import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { BatchId } from '../../shared/batch.ts';
import type { BodyStore } from '../../shared/body-store.ts';
import type { StoredResult } from '../../shared/result.ts';
import { startOf } from '../../shared/stream-start.ts';
import { ApiError } from '../problem.ts';
import type { ByteRange } from './byte-range.ts';
import { decodeWire, streamDecoding } from './decoded-body.ts';

export type OpenBody = {
  readonly bytes: number;
  /** The bytes are those of the wire, under a content coding that could not be undone. */
  readonly isEncoded: boolean;
  /** Quoted; another one for other bytes. */
  readonly etag: string;
  /** Ends the response. A caller who goes away is no error. */
  send(response: Response, range: ByteRange | undefined): Promise<void>;
  /** To be called where nothing is sent. */
  close(): void;
};

export type BodySource = { readonly id: BatchId; readonly bodies: BodyStore };

/** Throws `body_not_found` where the result has no body, or its file is gone. */
export const openBody = async (result: StoredResult, source: BodySource): Promise<OpenBody> => {
  const { body } = result;
  if (body === undefined) throw bodyNotFound('this result has no body');
  if (body.inline !== undefined) return await openInMemory(result, body.inline);
  if (body.ref === undefined) throw bodyNotFound('the body was not kept');
  const kept = source.bodies.stream(source.id, body.ref);
  const start = await startOf(kept).catch(refuseMissing);
  const decoding = streamDecoding(result, start);
  if (decoding === undefined) return await openInMemory(result, Buffer.concat(await kept.toArray()));
  const { isEncoded, decoder } = decoding;
  const bytes = decoder === undefined ? body.wireBytes : body.bytes;
  const ref = body.ref;
  return {
    bytes,
    isEncoded,
    etag: etagOf(ref, isEncoded),
    async send(response, range) {
      if (decoder !== undefined) return await pump([kept, decoder, only(range, bytes)], response);
      if (range === undefined) return await pump([kept], response);
      kept.destroy();
      await pump([source.bodies.stream(source.id, ref, range)], response);
    },
    close: () => void kept.destroy(),
  };
};

const openInMemory = async (result: StoredResult, wire: Uint8Array): Promise<OpenBody> => {
  const { bytes, isEncoded } = await decodeWire(wire, result);
  return {
    bytes: bytes.byteLength,
    isEncoded,
    etag: etagOf(wire, isEncoded),
    async send(response, range) {
      response.end(range === undefined ? bytes : bytes.subarray(range.start, range.end + 1));
    },
    close: () => {},
  };
};

/** Of the stored bytes, or of the reference to them, which no other body ever has. */
const etagOf = (stored: Uint8Array | string, isEncoded: boolean): string => {
  const digest = createHash('sha256').update(stored).digest('base64url').slice(0, 27);
  return isEncoded ? `"${digest}.encoded"` : `"${digest}"`;
};

/** The range of what comes. Fails where more comes than the worker measured: the length has been announced. */
const only = (range: ByteRange | undefined, bytes: number): Transform => {
  const { start, end } = range ?? { start: 0, end: bytes - 1 };
  const seen = { bytes: 0 };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const at = seen.bytes;
      seen.bytes += chunk.length;
      if (seen.bytes > bytes) done(new Error(`a kept body unfolds to more than the ${bytes} bytes recorded`));
      else done(null, chunk.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at)));
    },
  });
};

const pump = async (streams: readonly [Readable, ...Transform[]], response: Response): Promise<void> => {
  await pipeline([...streams, response]).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error; // else the caller has gone
  });
};

const refuseMissing = (error: unknown): never => {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  throw bodyNotFound('the body is not kept any more');
};

const bodyNotFound = (detail: string): ApiError => new ApiError('body_not_found', detail);
