// Every header field that an answer may have and that means something to its reader, by name; and which answers have it.
import { z } from 'zod';
import type { ProblemCode } from '../problem.ts';

type Header = { readonly description: string; readonly schema: z.ZodType };

const text = z.string();
const seconds = z.int().min(0);

export const responseHeaders = {
  Accept: { description: 'The media types that are taken, by `PUT`.', schema: text },
  'Accept-Encoding': { description: 'The content codings that are taken.', schema: text },
  'Accept-Post': { description: 'The media types that are taken, by `POST`.', schema: text },
  'Accept-Ranges': { description: 'It can be asked for in parts, by `Range`.', schema: z.literal('bytes') },
  'Content-Disposition': { description: 'A file, and its name.', schema: text },
  'Content-Range': { description: 'Which part it is, of how many bytes.', schema: text },
  'Content-Security-Policy': {
    description: 'Keeps a browser from running what it should not.',
    schema: text,
  },
  ETag: { description: 'For `If-None-Match`: who has it already is answered 304.', schema: text },
  'Idempotency-Replayed': {
    description: '`true` where it was accepted before, under the same key.',
    schema: z.literal('true'),
  },
  Location: { description: 'Path of the batch.', schema: text },
  RateLimit: {
    description:
      'How many calls are left, and in how many seconds there is another; where calls are limited.',
    schema: text,
  },
  'RateLimit-Policy': { description: 'How many calls a minute; where they are limited.', schema: text },
  'Retry-After': { description: 'Seconds to wait before asking again.', schema: seconds },
  'WWW-Authenticate': { description: 'How to say who you are.', schema: text },
  'X-Request-Id': { description: 'The one that was sent, or a new one; the log has it, too.', schema: text },
} as const satisfies Readonly<Record<string, Header>>;

export type HeaderName = keyof typeof responseHeaders;

/** What every answer has, whatever it says. */
export const headersOfEvery = ({ isPublic }: { readonly isPublic: boolean }): readonly HeaderName[] =>
  isPublic ? ['X-Request-Id'] : ['X-Request-Id', 'RateLimit', 'RateLimit-Policy'];

const retryAfter = ['Retry-After'] as const;

const problemHeaders: Partial<Readonly<Record<ProblemCode, readonly HeaderName[]>>> = {
  unauthorized: ['WWW-Authenticate'],
  rate_limited: retryAfter,
  result_pending: retryAfter,
  append_in_progress: retryAfter,
  idempotency_key_in_use: retryAfter,
  unsupported_encoding: ['Accept-Encoding'],
  unsupported_media_type: ['Accept', 'Accept-Post'],
  range_not_satisfiable: ['Content-Range', 'Accept-Ranges', 'ETag'],
  backlog_full: retryAfter,
  store_unavailable: retryAfter,
  storage_full: retryAfter,
};

/** What problems of these codes may have. */
export const headersOf = (codes: readonly ProblemCode[]): readonly HeaderName[] => [
  ...new Set(codes.flatMap((code) => problemHeaders[code] ?? [])),
];
