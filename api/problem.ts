// The errors a caller may see: one table of stable codes, and their form on the wire (RFC 9457).
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';

/** Every problem code with its HTTP status. Codes are added, never renamed. */
export const problemStatuses = {
  body_invalid_encoding: 400,
  body_invalid_json: 400,
  body_invalid_utf8: 400,
  body_invalid: 400,
  body_too_deep: 400,
  http_invalid: 400,
  idempotency_key_invalid: 400,
  last_event_id_invalid: 400,
  path_invalid: 400,
  query_invalid: 400,
  upload_aborted: 400,
  unauthorized: 401,
  batch_not_found: 404,
  body_not_found: 404,
  event_not_found: 404,
  result_not_found: 404,
  result_pending: 404,
  route_not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  request_timeout: 408,
  append_ahead: 409,
  append_in_progress: 409,
  batch_closed: 409,
  batch_ended: 409,
  batch_not_paused: 409,
  batch_running: 409,
  batch_sealed: 409,
  idempotency_key_in_use: 409,
  batch_gone: 410,
  body_too_large: 413,
  line_too_large: 413,
  too_many_requests_in_batch: 413,
  unsupported_charset: 415,
  unsupported_encoding: 415,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  expectation_failed: 417,
  idempotency_key_reused: 422,
  rate_limited: 429,
  head_too_large: 431,
  internal: 500,
  backlog_full: 503,
  store_unavailable: 503,
  storage_full: 507,
} as const;

export type ProblemCode = keyof typeof problemStatuses;
export const problemCodes = Object.keys(problemStatuses) as ProblemCode[];

/** Members beside those of RFC 9457. */
const memberShape = {
  errors: z
    .array(
      z.object({
        pointer: z.string().optional().describe('Where in the body: a JSON pointer (RFC 6901).'),
        parameter: z.string().optional().describe('Which parameter of the query.'),
        line: z.int().min(1).optional().describe('Which line, of a body that is read by lines.'),
        message: z.string(),
      }),
    )
    .readonly()
    .optional()
    .describe('Every fault that was found, up to 100.'),
  moreErrors: z.int().min(1).optional().describe('How many more faults there are than `errors` lists.'),
  limit: z.int().min(0).optional().describe('The most that is taken.'),
  line: z.int().min(1).optional().describe('Which line was too large.'),
  total: z.int().min(0).optional().describe('How many requests the open batch has.'),
};

/** The body of `application/problem+json` (RFC 9457). */
export const problemSchema = z.object({
  type: z
    .templateLiteral(['/problems/', z.string()])
    .describe('A path of the API; its page says what to do.'),
  title: z.string().describe('The words of the status.'),
  status: z.int().min(400).max(599),
  code: z.enum(problemCodes).describe('Stable: codes are added, never renamed.'),
  detail: z.string().describe('What to mend, for a person.'),
  requestId: z.string().describe('As in `X-Request-Id`, and in the log.'),
  ...memberShape,
});
export type Problem = Readonly<z.output<typeof problemSchema>>;

export type ProblemExtras = {
  readonly members?: Pick<Problem, keyof typeof memberShape>;
  /** Response header fields that belong to the answer, such as Allow. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** An answer that is not a success. `detail` says to the caller what to mend. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;
  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.code = code;
    this.extras = extras;
  }
}

/** Where the API says what to do about it. */
export const problemPath = <Code extends string>(code: Code): `/problems/${Code}` => `/problems/${code}`;

export const toProblem = (error: ApiError, requestId: string): Problem => {
  const status = problemStatuses[error.code];
  return {
    type: problemPath(error.code),
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: error.code,
    detail: error.message,
    requestId,
    ...error.extras.members,
  };
};
