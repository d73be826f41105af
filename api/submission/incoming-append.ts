// Appends as they come in over HTTP, in whatever format: requests, and in the query where they belong.
import { createHash } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { RequestDefaults } from '../../shared/request.ts';
import { oneOf, readQuery, wholeNumber } from '../query.ts';
import { readIdempotencyKey } from './idempotency.ts';
import type { IncomingOptions } from './incoming.ts';
import type { EntrySource } from './intake.ts';
import { createJsonAppendReader } from './json.ts';
import { createLineReader } from './line-reader.ts';
import { formatOf, submissionFormats } from './media.ts';
import { bodyOf, receiveSubmission } from './receive.ts';
import { openUpload } from './upload.ts';

export type IncomingAppends = {
  /** Refuses what it can before a byte of the body is asked for; leaves the rest to `open`. */
  readonly receive: readonly RequestHandler[];
  open(request: Request): IncomingAppend;
};

export type IncomingAppend = {
  /** Index of its first request, where the client says so. */
  readonly offset: number | undefined;
  /** The Idempotency-Key, where it has one. */
  readonly key: string | undefined;
  /** Throws an ApiError, now or while its requests are read. To be called once. */
  read(batch: AppendedTo): Promise<EntrySource>;
  /** Of its body, once that was read. */
  digest(): Promise<string>;
};

export type AppendedTo = {
  readonly defaults: RequestDefaults;
  /** How many requests stand before the first of these. */
  readonly before: number;
};

export const appendQuery = {
  offset: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  onInvalid: oneOf(['reject', 'fail']),
};

export const createIncomingAppends = (options: IncomingOptions): IncomingAppends => {
  const readJson = createJsonAppendReader(options.rules);
  const readLines = createLineReader(options.rules);
  const refuseBadHead: RequestHandler = (request, _response, next) => {
    formatOf(request, submissionFormats);
    readQuery(request, appendQuery);
    readIdempotencyKey(request);
    next();
  };
  return {
    receive: [refuseBadHead, ...receiveSubmission(options)],
    open(request) {
      const format = formatOf(request, submissionFormats);
      const { offset, onInvalid } = readQuery(request, appendQuery);
      const key = readIdempotencyKey(request);
      if (format === 'json') {
        const body = bodyOf(request);
        const digest = createHash('sha256').update(body).digest('base64url');
        const read = (batch: AppendedTo): Promise<EntrySource> => readJson(body, { ...batch, onInvalid });
        return { offset, key, read, digest: async () => digest };
      }
      const upload = openUpload(request, { maxBytes: options.maxStreamBytes, isHashed: true });
      return {
        offset,
        key,
        read: async (batch) => readLines(upload.chunks, { ...batch, format, onInvalid }),
        digest: () => upload.digest(),
      };
    },
  };
};
