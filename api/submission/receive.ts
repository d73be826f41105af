// Takes in the body of a submission: how large, how slow; JSON decompressed into one buffer.
import express, { type Request, type RequestHandler } from 'express';
import { bodyTooLarge } from '../error-answers.ts';
import { formatOf, submissionFormats } from './media.ts';
import { refuseSlowUpload, type UploadPace } from './upload-pace.ts';
import { codingOf } from './upload.ts';

export type ReceiveLimits = {
  /** Largest body, decompressed. */
  readonly maxBytes: number;
  readonly pace: UploadPace;
};

/** Leaves the JSON body as bytes for `bodyOf`. Refuses what it can before a byte of the body is asked for. */
export const receiveJson = ({ maxBytes, pace }: ReceiveLimits): readonly RequestHandler[] => [
  (request, response, next) => {
    formatOf(request, ['json']);
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw bodyTooLarge(maxBytes);
    if (request.headers.expect !== undefined) response.writeContinue();
    next();
  },
  refuseSlowUpload(pace),
  express.raw({ type: () => true, limit: maxBytes }),
];

/** Leaves a body that is read by lines on its way. Refuses what it can before a byte of it is asked for. */
export const receiveStream = ({ maxBytes, pace }: ReceiveLimits): readonly RequestHandler[] => [
  (request, response, next) => {
    codingOf(request);
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw bodyTooLarge(maxBytes);
    if (request.headers.expect !== undefined) response.writeContinue();
    next();
  },
  refuseSlowUpload(pace),
];

export type ReceiveOptions = {
  /** Most bytes of a JSON body, and of one that is read by lines, decompressed. */
  readonly maxBytes: number;
  readonly maxStreamBytes: number;
  readonly pace: UploadPace;
};

/** One of the two, by its type, which has been found to be one of `submissionFormats`. */
export const receiveSubmission = ({
  maxBytes,
  maxStreamBytes,
  pace,
}: ReceiveOptions): readonly RequestHandler[] => [
  ...receiveJson({ maxBytes, pace }).map((handler) => where(isJson, handler)),
  ...receiveStream({ maxBytes: maxStreamBytes, pace }).map((handler) => where(isByLines, handler)),
];

const isJson = (request: Request): boolean => formatOf(request, submissionFormats) === 'json';
const isByLines = (request: Request): boolean => !isJson(request);

const where =
  (applies: (request: Request) => boolean, handler: RequestHandler): RequestHandler =>
  (request, response, next) =>
    applies(request) ? handler(request, response, next) : next();

export const bodyOf = (request: Request): Buffer => {
  const body: unknown = request.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
};
