// The result of a request, made from what its last attempt came to. Pure: large bodies get their reference later.
import type { Failure } from '../shared/failure.ts';
import type { AttemptEntry, StoredResult } from '../shared/result.ts';
import type { Outcome, ResolvedRequest } from './outcome.ts';

/** The entry of one attempt in the log of its request; `waitMs` is the wait before it. */
export const attemptEntry = (outcome: Outcome, waitMs: number): AttemptEntry => {
  const status = outcome.kind === 'response' ? outcome.status : outcome.response?.status;
  return {
    startedAt: outcome.startedAt,
    waitMs: Math.max(0, Math.round(waitMs)),
    totalMs: outcome.timings.totalMs,
    ...(status !== undefined && { status }),
    ...(outcome.kind === 'failure' && { failure: outcome.failure }),
    ...(outcome.connection !== undefined && { connection: outcome.connection }),
  };
};

export type Ending = {
  readonly request: ResolvedRequest;
  readonly slice: number;
  readonly outcome: Outcome;
  readonly failure: Failure | undefined;
  readonly attempts: readonly AttemptEntry[];
  /** Epoch ms at which the batch was accepted. */
  readonly acceptedAt: number;
};

export const resultOf = ({
  request,
  slice,
  outcome,
  failure,
  attempts,
  acceptedAt,
}: Ending): StoredResult => {
  const head = outcome.kind === 'response' ? outcome : outcome.response;
  return {
    index: request.index,
    slice,
    ...(request.id !== undefined && { id: request.id }),
    url: request.url,
    outcome: failure === undefined ? 'succeeded' : 'failed',
    ...(head !== undefined && { status: head.status, headers: head.headers }),
    ...(outcome.kind === 'response' && { body: inlineBody(outcome) }),
    ...(outcome.finalUrl !== request.url && outcome.redirects.length > 0 && { finalUrl: outcome.finalUrl }),
    ...(outcome.redirects.length > 0 && { redirects: outcome.redirects }),
    ...(failure !== undefined && { failure }),
    attempts,
    timings: { queueMs: Math.max(0, outcome.startedAt - acceptedAt), ...outcome.timings },
    ...(outcome.connection !== undefined && { connection: outcome.connection }),
  };
};

const inlineBody = (outcome: Extract<Outcome, { kind: 'response' }>): NonNullable<StoredResult['body']> => ({
  inline: outcome.body.wire,
  wireBytes: outcome.body.wire.length,
  bytes: outcome.body.bytes,
  truncated: outcome.body.truncated,
});
