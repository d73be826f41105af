// The raw body of one result, served so that a browser cannot be made to run it.
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { BatchId } from '../../shared/batch.ts';
import type { BodyStore } from '../../shared/body-store.ts';
import type { StoredResult } from '../../shared/result.ts';
import { ApiError } from '../problem.ts';
import { decodeStored } from './decode-inline.ts';
import { safeContentType } from './media-type.ts';
import { firstValue } from './response-headers.ts';

/** Sends the content-decoded bytes; throws `body_not_found` where the result has no body, or its file is gone. */
export const sendBody = async (
  response: Response,
  result: StoredResult,
  source: { readonly id: BatchId; readonly bodies: BodyStore },
): Promise<void> => {
  const { body } = result;
  if (body === undefined) throw bodyNotFound('this result has no body');
  const contentEncoding = firstValue(result.headers, 'content-encoding');
  if (body.ref !== undefined && contentEncoding === undefined) {
    const stream = source.bodies.stream(source.id, body.ref);
    await once(stream, 'readable').catch(refuseMissing);
    setHeaders(response, result, body.wireBytes);
    return await pipeBody(stream, response);
  }
  const wire = body.inline ?? (await readKept(body.ref, source));
  const bytes = contentEncoding === undefined ? wire : await decodeStored(wire, contentEncoding, body.bytes);
  if (bytes === undefined) throw new Error(`the body of result ${result.index} cannot be decoded`);
  setHeaders(response, result, bytes.byteLength);
  response.end(bytes);
};

const setHeaders = (response: Response, { headers, index }: StoredResult, bytes: number): void => {
  response.status(200).set({
    'Content-Length': String(bytes),
    'Content-Type': safeContentType(firstValue(headers, 'content-type')),
    'Content-Disposition': `attachment; filename="body-${index}"`,
    'Content-Security-Policy': "default-src 'none'; sandbox",
  });
};

const readKept = async (
  ref: string | undefined,
  { id, bodies }: { id: BatchId; bodies: BodyStore },
): Promise<Uint8Array> => {
  if (ref === undefined) throw bodyNotFound('the body was not kept');
  return await bodies.read(id, ref).catch(refuseMissing);
};

const pipeBody = async (stream: Readable, response: Response): Promise<void> => {
  if (response.req.method === 'HEAD') {
    stream.destroy();
    response.end();
    return;
  }
  await pipeline(stream, response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error; // else the caller has gone
  });
};

const refuseMissing = (error: unknown): never => {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  throw bodyNotFound('the body is not kept any more');
};

const bodyNotFound = (detail: string): ApiError => new ApiError('body_not_found', detail);
