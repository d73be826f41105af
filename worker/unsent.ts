// The outcome of an attempt that was not made, because its host only fails: as if it had failed at once.
import type { Failure } from '../shared/failure.ts';
import type { FailureOutcome, ResolvedRequest } from './outcome.ts';

/** `startedAt` is epoch ms. */
export const unsent = ({ url }: ResolvedRequest, failure: Failure, startedAt: number): FailureOutcome => ({
  kind: 'failure',
  failure,
  isTransient: true,
  wasSent: false,
  startedAt,
  timings: { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, bodyMs: 0, totalMs: 0 },
  finalUrl: url,
  redirects: [],
});
