// Every error that reaches the end of the app → problem+json. The only place where a status is chosen for a thrown thing.
import type { ErrorRequestHandler, Request, Response } from 'express';
import type { Logger } from '../shared/logger.ts';
import { BatchVanishedError } from '../shared/batch-intake.ts';
import { isRedisFull, isRedisOutage } from '../shared/redis-outage.ts';
import { UnknownVersionError } from '../shared/unknown-version.ts';
import { ApiError, toProblem } from './problem.ts';
import { requestIdOf } from './request-id.ts';
import { sendJsonText } from './send-json.ts';

/** The last middleware. Errors that are nobody's fault but ours are logged with their stack and told nothing of. */
export const answerErrors =
  (logger: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    const answer = toApiError(error);
    const requestId = requestIdOf(response);
    if (answer.code === 'internal')
      logger.error({ err: error, path: request.path, requestId }, 'request failed');
    else if (answer.code === 'store_unavailable' || isRedisFull(error))
      logger.warn({ err: error, requestId }, 'the store cannot serve');
    // An answer already under way cannot turn into an error: cut it, so that it is not taken for a whole one.
    if (response.headersSent) response.destroy();
    else sendProblem(request, response, answer);
  };

export const sendProblem = (request: Request, response: Response, error: ApiError): void => {
  const problem = toProblem(error, requestIdOf(response));
  response.status(problem.status).set(error.extras.headers ?? {});
  // Who waits for "100 Continue" will not send the body now: what follows on this connection would be taken for it.
  if (request.headers.expect !== undefined && !request.complete) response.set('Connection', 'close');
  sendJsonText(response, JSON.stringify(problem), 'application/problem+json');
};

const toApiError = (error: unknown): ApiError => {
  if (error instanceof ApiError) return error;
  if (error instanceof URIError) return new ApiError('path_invalid', 'the path has a malformed % escape');
  if (isRedisFull(error)) {
    return new ApiError('storage_full', 'the store is full: wait until batches go, or delete some', {
      headers: { 'Retry-After': '30' },
    });
  }
  if (isRedisOutage(error)) {
    return new ApiError('store_unavailable', 'the store cannot serve right now; try again soon', {
      headers: { 'Retry-After': '2' },
    });
  }
  if (error instanceof BatchVanishedError) {
    return new ApiError('store_unavailable', 'the store lost what was saved of the batch; send it again', {
      headers: { 'Retry-After': '2' },
    });
  }
  if (error instanceof UnknownVersionError) {
    return new ApiError('store_unavailable', `${error.message} Ask again once this API is as new`, {
      headers: { 'Retry-After': '30' },
    });
  }
  return fromBodyReader(error) ?? new ApiError('internal', 'a fault of the service; it has been logged');
};

type BodyReaderError = Error & { type?: string; status?: number; limit?: number; code?: string };

/** What body-parser, raw-body and zlib throw. */
const fromBodyReader = (error: unknown): ApiError | undefined => {
  if (!(error instanceof Error)) return undefined;
  const { type, status, limit, code } = error as BodyReaderError;
  if (type === 'entity.too.large') return bodyTooLarge(limit ?? 0);
  if (type === 'encoding.unsupported') {
    return new ApiError('unsupported_encoding', 'send the body plain, or as one of gzip, deflate or br', {
      headers: { 'Accept-Encoding': 'gzip, deflate, br' },
    });
  }
  if (type === 'request.aborted' || type === 'request.size.invalid') {
    return new ApiError('upload_aborted', 'the body ended before its length was reached');
  }
  if (status === 400 && (code?.startsWith('Z_') === true || code?.startsWith('ERR_') === true)) {
    return bodyNotDecodable();
  }
  return undefined;
};

export const bodyNotDecodable = (): ApiError =>
  new ApiError('body_invalid_encoding', 'the body cannot be decompressed as content-encoding says', {
    members: { errors: [{ pointer: '', message: 'not valid in its content-encoding' }] },
  });

export const bodyTooLarge = (limit: number): ApiError =>
  new ApiError('body_too_large', `the body is larger than ${limit} bytes, decompressed`, {
    members: { limit },
  });
