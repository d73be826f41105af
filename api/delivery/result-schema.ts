// What result-view.ts writes, as schemas: it writes text from columns, so that these are held against it by tests alone.
import { z } from 'zod';
import { failureCodes } from '../../shared/failure.ts';
import { outcomes } from '../../shared/result.ts';
import type { ResultField } from './result-view.ts';

const ms = z.number().min(0);
const status = z.int().min(100).max(999);

export const failureSchema = z.object({
  code: z.enum(failureCodes),
  message: z.string().describe('What happened to this request.'),
});

const connectionSchema = z.object({
  reused: z.boolean(),
  policy: z.enum(['reuse', 'fresh']),
  remoteAddress: z.string().optional(),
  protocol: z.enum(['http/1.1', 'h2']).optional(),
  diagnosis: z.string().optional().describe('Where reuse went wrong.'),
});

const attemptSchema = z.object({
  startedAt: z.iso.datetime(),
  waitMs: ms.describe('Waited before it.'),
  totalMs: ms,
  status: status.optional(),
  throttled: z.literal(true).optional().describe('The host asked for fewer requests.'),
  failure: failureSchema.optional(),
  connection: connectionSchema.optional(),
});

const bodySchema = z
  .object({
    json: z.unknown().optional(),
    text: z.string().optional(),
    base64: z.base64().optional(),
    href: z.string().optional().describe('Path of the body, where it is too large to stand here.'),
    bytes: z.int().min(0).describe('Decompressed.'),
    contentType: z.string().nullable(),
    truncated: z.boolean(),
  })
  .describe('The content is one of `json`, `text`, `base64` and `href`.');

const shape = {
  index: z.int().min(0).describe('Place in the order of submission, from 0.'),
  id: z.string().optional(),
  url: z.string(),
  outcome: z.enum(outcomes),
  status: status.optional().describe('Of the last response, also where it failed the request.'),
  headers: z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .optional()
    .describe('Names in lower case; `set-cookie` is a list.'),
  body: bodySchema.optional(),
  finalUrl: z.string().optional().describe('Where it ended, if it was redirected.'),
  redirects: z.array(z.object({ url: z.string(), status })).optional(),
  failure: failureSchema.optional(),
  attempts: z.array(attemptSchema),
  timings: z
    .object({ queueMs: ms, dnsMs: ms, connectMs: ms, tlsMs: ms, ttfbMs: ms, bodyMs: ms, totalMs: ms })
    .describe('`queueMs` in line; the others are of the last attempt.'),
  connection: connectionSchema.optional(),
  cursor: z
    .int()
    .min(0)
    .optional()
    .describe('The `after` that goes on behind it; only where `fields` names it.'),
} satisfies Record<ResultField, z.ZodType>;

export const resultSchema = z.object(shape).describe('The one answer of a request.');

/** A result, or of it what `fields` names. */
export const chosenFieldsSchema = z
  .object(shape)
  .partial()
  .describe('A result, or of it the members that `fields` names.');

export const resultPageSchema = z.object({
  results: z.array(chosenFieldsSchema),
  next: z.int().min(0).describe('The `after` of the next page.'),
  isLast: z.boolean().describe('Nothing stands behind `next`, and the batch has ended.'),
});
