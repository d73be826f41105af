// Submissions as they come in over HTTP, in whatever format: refused where they can be before their body, then opened, then read.
import type { Request, RequestHandler } from 'express';
import type { IdempotencyClaim } from '../../shared/idempotency-store.ts';
import { readQuery } from '../query.ts';
import { readIdempotencyKey, toClaim, toStreamClaim } from './idempotency.ts';
import { createJsonReader, toSource, type SubmissionRules } from './json.ts';
import { createLineReader } from './line-reader.ts';
import { formatOf, submissionFormats } from './media.ts';
import { createQuerySettingsReader } from './query-settings.ts';
import { bodyOf, receiveSubmission, type ReceiveOptions } from './receive.ts';
import type { Submission } from './submit.ts';
import { openUpload } from './upload.ts';

export type Incoming = {
  /** Refuses what it can before a byte of the body is asked for; leaves the rest to `open`. */
  readonly receive: readonly RequestHandler[];
  open(request: Request, owner: string): IncomingSubmission;
};

export type IncomingSubmission = {
  /** Where it has an Idempotency-Key. */
  readonly claim: IdempotencyClaim | undefined;
  /** Throws an ApiError, now or while its requests are read. To be called once. */
  read(options?: ReadOptions): Promise<Submission>;
};

export type ReadOptions = {
  /** Has requests that are not valid be refused entries, as `onInvalid` would. */
  readonly toleratesInvalid: boolean;
};

export type IncomingOptions = ReceiveOptions & { readonly rules: SubmissionRules };

export const createIncoming = (options: IncomingOptions): Incoming => {
  const { rules, maxStreamBytes } = options;
  const readJson = createJsonReader(rules);
  const readLines = createLineReader(rules);
  const readSettings = createQuerySettingsReader(rules);
  const refuseBadHead: RequestHandler = (request, _response, next) => {
    if (formatOf(request, submissionFormats) === 'json') readQuery(request, {});
    else readSettings(request);
    readIdempotencyKey(request);
    next();
  };
  const openJson = (request: Request, owner: string, key: string | undefined): IncomingSubmission => {
    const body = bodyOf(request);
    return {
      claim: key === undefined ? undefined : toClaim(request, { owner, key, body }),
      read: (how) =>
        readJson(body, how).then(({ entries, ...settings }) => ({
          ...settings,
          entries: toSource(entries),
        })),
    };
  };
  return {
    receive: [refuseBadHead, ...receiveSubmission(options)],
    open(request, owner) {
      const key = readIdempotencyKey(request);
      const format = formatOf(request, submissionFormats);
      if (format === 'json') return openJson(request, owner, key);
      const upload = openUpload(request, { maxBytes: maxStreamBytes, isHashed: key !== undefined });
      return {
        claim:
          key === undefined
            ? undefined
            : toStreamClaim(request, { owner, key, digest: () => upload.digest() }),
        async read({ toleratesInvalid } = { toleratesInvalid: false }) {
          const written = readSettings(request);
          const settings = toleratesInvalid ? { ...written, onInvalid: 'fail' as const } : written;
          return { ...settings, entries: readLines(upload.chunks, { ...settings, format }) };
        },
      };
    },
  };
};
