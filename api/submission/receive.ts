// Takes in the body of a submission: what kind it is, how large, how slow, decompressed into one buffer.
import contentType from 'content-type';
import express, { type Request, type RequestHandler } from 'express';
import { bodyTooLarge } from '../error-answers.ts';
import { ApiError } from '../problem.ts';
import { refuseSlowUpload, type UploadPace } from './upload-pace.ts';

export type ReceiveLimits = {
  /** Largest body, decompressed. */
  readonly maxBytes: number;
  readonly pace: UploadPace;
};

/** Leaves the JSON body as bytes for `bodyOf`. Refuses what it can before a byte of the body is asked for. */
export const receiveJson = ({ maxBytes, pace }: ReceiveLimits): readonly RequestHandler[] => [
  (request, response, next) => {
    requireMediaType(request);
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw bodyTooLarge(maxBytes);
    if (request.headers.expect !== undefined) response.writeContinue();
    next();
  },
  refuseSlowUpload(pace),
  express.raw({ type: () => true, limit: maxBytes }),
];

export const bodyOf = (request: Request): Buffer => {
  const body: unknown = request.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
};

const requireMediaType = (request: Request): void => {
  const { type, parameters } = parseContentType(request.headers['content-type']);
  if (type !== 'application/json') {
    const field = request.method === 'POST' ? 'Accept-Post' : 'Accept';
    throw new ApiError('unsupported_media_type', 'send the body as Content-Type: application/json', {
      headers: { [field]: 'application/json' },
    });
  }
  const charset = parameters['charset'];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new ApiError('unsupported_charset', 'send the body in UTF-8, as RFC 8259 §8.1 asks');
  }
};

const parseContentType = (
  field: string | undefined,
): { type: string; parameters: Record<string, string | undefined> } => {
  try {
    return contentType.parse(field ?? '');
  } catch {
    return { type: '', parameters: {} };
  }
};
