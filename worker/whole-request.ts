// The deadline over a whole request: all its attempts and the waits between them, but not the queue before them. Pure.
import { failure, type Failure } from '../shared/failure.ts';
import type { AttemptEntry } from '../shared/result.ts';
import type { ResolvedRequest } from './outcome.ts';

type Whole = Pick<ResolvedRequest, 'withinMs'>;

/** No attempt starts then or later, epoch ms: `withinMs` after the first one started, and without either never. */
export const wholeEndsAt = ({ withinMs }: Whole, attempts: readonly AttemptEntry[]): number => {
  const first = attempts[0];
  return withinMs === undefined || first === undefined ? Infinity : first.startedAt + withinMs;
};

/** The request as an attempt that starts now makes it, to end when the whole does; undefined where nothing is left. */
export const cutToWhole = (
  request: ResolvedRequest,
  attempts: readonly AttemptEntry[],
  now: () => number,
): ResolvedRequest | undefined => {
  const { withinMs, timeoutMs } = request;
  if (withinMs === undefined) return request;
  const leftMs = attempts.length === 0 ? withinMs : wholeEndsAt(request, attempts) - now();
  if (leftMs <= 0) return undefined;
  return leftMs >= timeoutMs ? request : { ...request, timeoutMs: leftMs, isCut: true };
};

/** What became of a request that has no time left. */
export const outOfTime = ({ withinMs }: Whole): Failure =>
  failure('timed_out', `the whole request had ${withinMs} ms, its retries included`);
