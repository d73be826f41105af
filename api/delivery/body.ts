// The raw body of one result, served so that a browser cannot be made to run it.
import { once } from 'node:events';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { BatchId } from '../../shared/batch.ts';
import type { BodyStore } from '../../shared/body-store.ts';
import type { StoredResult } from '../../shared/result.ts';
import { ApiError } from '../problem.ts';
import { decodeWire, streamDecoding } from './decoded-body.ts';
import { encodedType, safeContentType } from './media-type.ts';
import { firstValue } from './response-headers.ts';

type Source = { readonly id: BatchId; readonly bodies: BodyStore };

/**
 * Sends the content-decoded bytes, or those of the wire where they cannot be decoded; throws `body_not_found` where the
 * result has no body, or its file is gone.
 */
export const sendBody = async (response: Response, result: StoredResult, source: Source): Promise<void> => {
  const { body } = result;
  if (body === undefined) throw bodyNotFound('this result has no body');
  if (body.inline !== undefined) return await sendFromMemory(response, result, body.inline);
  if (body.ref === undefined) throw bodyNotFound('the body was not kept');
  const kept = source.bodies.stream(source.id, body.ref);
  await once(kept, 'readable').catch(refuseMissing);
  const start = takeStart(kept);
  const decoding = streamDecoding(result, start);
  if (decoding === undefined)
    return await sendFromMemory(response, result, Buffer.concat(await kept.toArray()));
  const { isEncoded, decoder } = decoding;
  const bytes = decoder === undefined ? body.wireBytes : body.bytes;
  setHeaders(response, result, { bytes, isEncoded });
  await pipeBody(decoder === undefined ? [kept] : [kept, decoder, holdTo(bytes)], response);
};

const sendFromMemory = async (response: Response, result: StoredResult, wire: Uint8Array): Promise<void> => {
  const { bytes, isEncoded } = await decodeWire(wire, result);
  setHeaders(response, result, { bytes: bytes.byteLength, isEncoded });
  response.end(bytes);
};

const setHeaders = (
  response: Response,
  { headers, index }: StoredResult,
  { bytes, isEncoded }: { readonly bytes: number; readonly isEncoded: boolean },
): void => {
  // No Content-Encoding: most clients would try to undo it, and what cannot be undone could not be fetched at all.
  const type = isEncoded ? encodedType.type : safeContentType(firstValue(headers, 'content-type'));
  response.status(200).set({
    'Content-Length': String(bytes),
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="body-${index}"`,
    'Content-Security-Policy': "default-src 'none'; sandbox",
  });
};

/** The first bytes of a stream that is readable; they stay in it. */
const takeStart = (stream: Readable): Uint8Array => {
  const start = stream.read() as Buffer | null;
  if (start === null) return new Uint8Array();
  stream.unshift(start);
  return start;
};

/** Fails where more comes than the worker measured: the length has been announced. */
const holdTo = (bytes: number): Transform => {
  const seen = { bytes: 0 };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen.bytes += chunk.length;
      if (seen.bytes > bytes) done(new Error(`a kept body unfolds to more than the ${bytes} bytes recorded`));
      else done(null, chunk);
    },
  });
};

const pipeBody = async (streams: readonly [Readable, ...Transform[]], response: Response): Promise<void> => {
  if (response.req.method === 'HEAD') {
    for (const stream of streams) stream.destroy();
    response.end();
    return;
  }
  await pipeline([...streams, response]).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error; // else the caller has gone
  });
};

const refuseMissing = (error: unknown): never => {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  throw bodyNotFound('the body is not kept any more');
};

const bodyNotFound = (detail: string): ApiError => new ApiError('body_not_found', detail);
