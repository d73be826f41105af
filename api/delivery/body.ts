// The raw body of one result, whole or in part, served so that a browser cannot be made to run it.
import type { Request, Response } from 'express';
import type { StoredResult } from '../../shared/result.ts';
import { ApiError } from '../problem.ts';
import { openBody, type BodySource, type OpenBody } from './body-source.ts';
import { parseRange, type ByteRange } from './byte-range.ts';
import { encodedType, safeContentType } from './media-type.ts';
import { firstValue } from './response-headers.ts';

/**
 * Sends the content-decoded bytes, or those of the wire where they cannot be decoded; throws `body_not_found` where the
 * result has no body, or its file is gone, and `range_not_satisfiable`.
 */
export const sendBody = async (
  response: Response,
  result: StoredResult,
  source: BodySource,
): Promise<void> => {
  const { req: request } = response;
  const body = await openBody(result, source);
  response.set({ ETag: body.etag, 'Cache-Control': 'private, no-cache', 'Accept-Ranges': 'bytes' });
  const range = request.fresh ? undefined : rangeOf(request, body);
  if (request.fresh || request.method === 'HEAD' || range === 'unsatisfiable') body.close();
  if (request.fresh) return void response.status(304).end();
  if (range === 'unsatisfiable') throw notSatisfiable(body);
  setHeaders(response, result, { body, range });
  if (request.method === 'HEAD') response.end();
  else await body.send(response, range);
};

/** A Range that belongs to another state of the body, or to another method, asks for nothing. */
const rangeOf = (request: Request, { bytes, etag }: OpenBody): ReturnType<typeof parseRange> => {
  const condition = request.get('If-Range') ?? etag;
  return request.method === 'GET' && condition === etag ? parseRange(request.get('Range'), bytes) : undefined;
};

const setHeaders = (
  response: Response,
  { headers, index }: StoredResult,
  { body, range }: { readonly body: OpenBody; readonly range: ByteRange | undefined },
): void => {
  const { bytes, isEncoded } = body;
  // No Content-Encoding: most clients would try to undo it, and what cannot be undone could not be fetched at all.
  const type = isEncoded ? encodedType.type : safeContentType(firstValue(headers, 'content-type'));
  response.status(range === undefined ? 200 : 206).set({
    'Content-Length': String(range === undefined ? bytes : range.end - range.start + 1),
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="body-${index}"`,
    'Content-Security-Policy': "default-src 'none'; sandbox",
  });
  if (range !== undefined) response.set('Content-Range', `bytes ${range.start}-${range.end}/${bytes}`);
};

const notSatisfiable = ({ bytes }: OpenBody): ApiError =>
  new ApiError('range_not_satisfiable', `the body has ${bytes} bytes`, {
    headers: { 'Content-Range': `bytes */${bytes}` },
  });
