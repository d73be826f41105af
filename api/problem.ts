// The errors a caller may see: one table of stable codes, and their form on the wire (RFC 9457).
import { STATUS_CODES } from 'node:http';

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
  batch_closed: 409,
  batch_ended: 409,
  batch_not_paused: 409,
  batch_running: 409,
  idempotency_key_in_use: 409,
  batch_gone: 410,
  body_too_large: 413,
  too_many_requests_in_batch: 413,
  unsupported_charset: 415,
  unsupported_encoding: 415,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  expectation_failed: 417,
  idempotency_key_reused: 422,
  head_too_large: 431,
  internal: 500,
  backlog_full: 503,
  store_unavailable: 503,
  storage_full: 507,
} as const;

export type ProblemCode = keyof typeof problemStatuses;

export type ProblemExtras = {
  /** Members beside those of RFC 9457, such as `errors`. */
  readonly members?: Readonly<Record<string, unknown>>;
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

/** The body of `application/problem+json`. */
export type Problem = {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
};

export const toProblem = (error: ApiError): Problem => {
  const status = problemStatuses[error.code];
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: error.code,
    detail: error.message,
    ...error.extras.members,
  };
};
