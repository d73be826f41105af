// Requests and outcomes of attempts made for tests.
import type { FailureCode } from '../../shared/failure.ts';
import type { AttemptEntry } from '../../shared/result.ts';
import type { FailureOutcome, ResolvedRequest, ResponseOutcome } from '../../worker/outcome.ts';

export const resolved = (fields: Partial<ResolvedRequest> = {}): ResolvedRequest => ({
  index: 0,
  url: 'http://127.0.0.1:1/',
  method: 'GET',
  headers: {},
  timeoutMs: 1000,
  maxBodyBytes: 1000,
  onBodyTooLarge: 'fail',
  maxRedirects: 5,
  maxAttempts: 3,
  retries: { throttled: 10, network: 9, status: 9 },
  retryUnsafe: false,
  acceptStatus: '200-399',
  connection: 'auto',
  http2: false,
  ...fields,
});

/** The log of a request that was tried at these times, epoch ms. */
export const attempts = (...startedAt: readonly number[]): AttemptEntry[] =>
  startedAt.map((at) => ({ startedAt: at, waitMs: 0, totalMs: 6, status: 500 }));

const exchange = {
  startedAt: 1_700_000_000_000,
  timings: { dnsMs: 0, connectMs: 1, tlsMs: 0, ttfbMs: 2, bodyMs: 3, totalMs: 6 },
  finalUrl: 'http://127.0.0.1:1/',
  redirects: [],
};

export const response = (status: number, fields: Partial<ResponseOutcome> = {}): ResponseOutcome => ({
  ...exchange,
  kind: 'response',
  status,
  headers: [],
  body: { inline: Buffer.from('ok'), wireBytes: 2, bytes: 2, truncated: false },
  ...fields,
});

export const failure = (code: FailureCode, fields: Partial<FailureOutcome> = {}): FailureOutcome => ({
  ...exchange,
  kind: 'failure',
  failure: { code, message: code },
  isTransient: true,
  wasSent: true,
  ...fields,
});
