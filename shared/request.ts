// One entry of a batch as the user writes it: its schema, and the form that travels in a slice.
import { z } from 'zod';
import { authorizationOf, authSchema } from './request-auth.ts';
import { proxySchema } from './proxy.ts';
import { headersSchema } from './request-headers.ts';
import { maxUrlLength, type UrlRule } from './url-rule.ts';

export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type Method = (typeof methods)[number];

/** Methods that may be repeated without the user's word (RFC 9110 §9.2.2). */
export const idempotentMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);

/** Hard bounds of what a request may ask for. Milliseconds and bytes. */
export const requestLimits = {
  timeoutMs: 600_000,
  maxBodyBytes: 268_435_456,
  maxRedirects: 20,
  maxAttempts: 10,
  withinMs: 86_400_000,
  retriesOfOneKind: 10,
  throttledRetries: 100,
  bodyBytes: 1_048_576,
  idLength: 256,
} as const;

/** Statuses, as codes and ranges: `200-399,404`. */
export const statusRangesSchema = z
  .string()
  .max(200)
  .regex(/^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/, 'write statuses and ranges as "200-299,404"');

// Bidi overrides and controls would let an id lie in a log or a terminal.
/** The id that a user gives a request. */
export const idSchema = z
  .string()
  .min(1)
  .max(requestLimits.idLength)
  .regex(
    /^[^\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*$/,
    'an id may not contain control or invisible characters',
  )
  .refine((id) => id.isWellFormed(), 'an id must be well-formed Unicode');

const textBodySchema = z
  .string()
  .max(requestLimits.bodyBytes)
  .refine((body) => body.isWellFormed(), 'the body has a lone surrogate; send bytes as bodyBase64');

const retrySchema = z.strictObject({
  maxAttempts: z.int().min(1).max(requestLimits.maxAttempts).optional(),
  unsafe: z.boolean().describe('Also repeat `POST` and `PATCH`, which may then be done twice.').optional(),
  network: z
    .int()
    .min(0)
    .max(requestLimits.retriesOfOneKind)
    .describe('Retries after failures on the way.')
    .optional(),
  status: z
    .int()
    .min(0)
    .max(requestLimits.retriesOfOneKind)
    .describe('Retries after a bad status.')
    .optional(),
  throttled: z
    .int()
    .min(0)
    .max(requestLimits.throttledRetries)
    .describe('Retries after the host asked for fewer requests; they do not count as attempts.')
    .optional(),
  withinMs: z
    .int()
    .min(1)
    .max(requestLimits.withinMs)
    .describe('So long after the first attempt began the request ends.')
    .optional(),
});

const anyJsonSchema = z.json();

const optionsShape = {
  method: z.enum(methods).describe('`GET` where nothing is said.').optional(),
  headers: headersSchema.optional(),
  auth: authSchema.optional(),
  body: textBodySchema.describe('The request body as text; give `body`, `bodyBase64` or `json`.').optional(),
  bodyBase64: z
    .base64()
    .max(Math.ceil(requestLimits.bodyBytes / 3) * 4)
    .describe('The request body as bytes.')
    .optional(),
  json: anyJsonSchema.describe('The request body as JSON.').optional(),
  timeoutMs: z
    .int()
    .min(1)
    .max(requestLimits.timeoutMs)
    .describe('Longest time for one attempt as a whole.')
    .optional(),
  maxBodyBytes: z
    .int()
    .min(0)
    .max(requestLimits.maxBodyBytes)
    .describe('Longest response body, decompressed.')
    .optional(),
  onBodyTooLarge: z
    .enum(['fail', 'truncate'])
    .describe('A longer body fails the request, or is cut and says `"truncated": true`.')
    .optional(),
  maxRedirects: z
    .int()
    .min(0)
    .max(requestLimits.maxRedirects)
    .describe('How many redirects are followed.')
    .optional(),
  retry: retrySchema.describe('How often it is tried, and how long.').optional(),
  priority: z
    .int()
    .min(0)
    .max(100)
    .describe('Higher goes first within the batch; 50 where nothing is said.')
    .optional(),
  acceptStatus: statusRangesSchema
    .describe('The statuses that are a success; `200-399` where nothing is said.')
    .optional(),
  connection: z
    .enum(['auto', 'reuse', 'fresh'])
    .describe(
      '`fresh`: a connection of its own; `reuse` keeps and reuses it; `auto` finds out what the host can take.',
    )
    .optional(),
  http2: z.boolean().describe('Offers HTTP/2 to hosts asked over TLS.').optional(),
  proxy: proxySchema.optional(),
  cookies: z
    .boolean()
    .describe('Keeps cookies, for redirects and for requests of this batch that the same worker sends later.')
    .optional(),
};

/** What every request of a batch takes unless it says otherwise. */
export const requestDefaultsSchema = z.strictObject(optionsShape);
export type RequestDefaults = z.infer<typeof requestDefaultsSchema>;

/** A URL as text that `rule` accepts. */
export const urlSchema = (rule: UrlRule): z.ZodType<string> =>
  z
    .string()
    .check((context) => {
      const verdict = rule(context.value);
      if ('refusal' in verdict) {
        context.issues.push({ code: 'custom', input: context.value, message: verdict.refusal.message });
      }
    })
    .meta({
      maxLength: maxUrlLength,
      description:
        '`http://` or `https://`; user and password belong in `auth`, private addresses are refused.',
    });

/** The schema of one request, under this deployment's URL rule. */
export const createRequestSchema = (rule: UrlRule): z.ZodType<FetchRequest> =>
  z.strictObject({
    id: idSchema.describe('Your name for it, unlike any other of the batch; it is in the result.').optional(),
    url: urlSchema(rule),
    ...optionsShape,
  });

export type FetchRequest = RequestDefaults & { readonly id?: string | undefined; readonly url: string };

/** A contradiction between fields that are each valid, at the path of the field to mend. */
export type FieldConflict = { readonly field: string; readonly message: string };

/** Looks at a request as it will be sent, with the batch's defaults beneath it. */
export const findConflict = (
  request: RequestDefaults,
  defaults: RequestDefaults = {},
): FieldConflict | undefined => {
  if (request.auth !== undefined && hasAuthorization(request.headers)) {
    return { field: 'auth', message: 'give either auth or an Authorization header, not both' };
  }
  const [field, second] = bodyFields.filter((name) => request[name] !== undefined);
  if (field === undefined) return undefined;
  if (second !== undefined) return { field: second, message: `give either ${field} or ${second}, not both` };
  const method = request.method ?? defaults.method ?? 'GET';
  return method === 'GET' || method === 'HEAD'
    ? { field, message: `a ${method} request has no body; set method to POST, PUT or PATCH` }
    : undefined;
};

const hasAuthorization = (headers: RequestDefaults['headers'] = {}): boolean =>
  Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');

const bodyFields = ['body', 'bodyBase64', 'json'] as const;

type Rewritten = (typeof bodyFields)[number] | 'auth';

/** The options of a request as they travel in a slice: the body as bytes, with what it was written as, and auth as a header. */
export type SliceOptions = Omit<RequestDefaults, Rewritten> & {
  readonly bytes?: Uint8Array;
  readonly bytesType?: 'application/json' | 'text/plain;charset=UTF-8';
};

/** One request as it travels in a slice; `index` is its place in the order of submission, from 0. */
export type SliceRequest = SliceOptions & {
  readonly index: number;
  readonly url: string;
  readonly id?: string | undefined;
  /** Why it was not valid, of one that was taken all the same: it is not sent, and fails. Its URL may be any text without line breaks. */
  readonly refusal?: string;
};

/** Turns the three ways to write a body into bytes, and auth into a header, which a header of the same request cannot contradict. */
export const toSliceOptions = <T extends RequestDefaults>(written: T): Omit<T, Rewritten> & SliceOptions => {
  const { body, bodyBase64, json, auth, ...plain } = written;
  const rest =
    auth === undefined
      ? plain
      : { ...plain, headers: { ...plain.headers, authorization: authorizationOf(auth) } };
  if (body !== undefined) return { ...rest, bytes: Buffer.from(body), bytesType: 'text/plain;charset=UTF-8' };
  if (bodyBase64 !== undefined) return { ...rest, bytes: Buffer.from(bodyBase64, 'base64') };
  if (json !== undefined)
    return { ...rest, bytes: Buffer.from(JSON.stringify(json)), bytesType: 'application/json' };
  return rest;
};
