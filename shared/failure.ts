// The closed table of reasons why a request has no accepted response. Knows nothing of how they come about.

/** Every failure code with its meaning, in the user's words. Stable: codes are added, never renamed. */
export const failureMeanings = {
  invalid_request: 'the request could not be sent as written',
  blocked_address: 'the address, or a redirect to it, is not allowed by the address guard',
  dns_failed: 'the host name could not be resolved',
  connect_failed: 'no connection to the host could be made',
  tls_failed: 'the TLS handshake or the certificate was not acceptable',
  timed_out: 'a deadline of this request passed',
  connection_lost: 'the connection ended before the whole response had arrived',
  invalid_response: 'the answer was not a valid HTTP response',
  body_too_large: 'the response body is larger than allowed',
  too_many_redirects: 'the redirects loop or exceed maxRedirects',
  http_status: 'the response has a status that is not accepted',
  cancelled: 'the batch was cancelled before this request ended',
  expired: 'the batch expired before this request ended',
  worker_lost: 'the request took its worker down repeatedly',
  internal: 'a fault of Fetchfleet itself',
} as const;

export type FailureCode = keyof typeof failureMeanings;

export const isFailureCode = (value: unknown): value is FailureCode =>
  typeof value === 'string' && Object.hasOwn(failureMeanings, value);

/** Why a result did not succeed: a value, never thrown. `message` says what happened to this request. */
export type Failure = { readonly code: FailureCode; readonly message: string };

/** A failure whose message defaults to the meaning of its code. */
export const failure = (code: FailureCode, message: string = failureMeanings[code]): Failure => ({
  code,
  message,
});
