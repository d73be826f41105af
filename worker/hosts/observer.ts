// What an outcome means for the host that was asked: more or fewer requests from now on, or none for a while, on every worker.
import type { Failure } from '../../shared/failure.ts';
import { originOf } from '../../shared/origin.ts';
import type { PermitStore } from '../../shared/permit-store.ts';
import { hostSignal } from '../host-signal.ts';
import { endOf, type Outcome, type ResolvedRequest } from '../outcome.ts';
import type { Pools } from './pools.ts';

/** To be called with every outcome; `host` is the origin of the request's URL. */
export type Observer = (host: string, request: ResolvedRequest, outcome: Outcome) => void;

export type ObserverDeps = {
  readonly pools: Pick<Pools, 'get' | 'hear'>;
  readonly store: Pick<PermitStore, 'block'>;
  readonly onError: (error: unknown) => void;
};

/** However long a host asks to be left alone: after this it is asked again. */
const longestWaitMs = 3_600_000;
/** Whoever allows less time than this learns nothing of how the host fares. */
const tellingTimeoutMs = 1000;

export const createObserver = ({ pools, store, onError }: ObserverDeps): Observer => {
  const leaveAlone = (host: string, ms: number, why: string): void => {
    pools.hear({ is: 'blocked', host, ms });
    store.block(host, ms, why).catch(onError);
  };
  return (asked, request, outcome) => {
    if (isTold(request, outcome)) return;
    const host = outcome.redirects.length === 0 ? asked : originOf(outcome.finalUrl);
    const now = endOf(outcome);
    const signal = hostSignal(outcome, now);
    const until = 'until' in signal ? signal.until : undefined;
    if (until !== undefined) leaveAlone(host, Math.min(until - now, longestWaitMs), whyOf(outcome));
    const pool = pools.get(host);
    if (signal.is === 'fine') pool?.succeeded(outcome.timings.totalMs);
    else if (signal.is === 'overloaded' || (signal.is === 'throttled' && until === undefined))
      pool?.overloaded(failureOf(outcome));
  };
};

/** A proxy, or a deadline that was hardly given, speaks for itself and not for the host. */
const isTold = (request: ResolvedRequest, outcome: Outcome): boolean =>
  request.proxy !== undefined ||
  (outcome.kind === 'failure' &&
    outcome.failure.code === 'timed_out' &&
    (request.isCut === true || request.timeoutMs < tellingTimeoutMs));

const whyOf = (outcome: Outcome): string => {
  const status = outcome.kind === 'response' ? outcome.status : outcome.response?.status;
  return `it answered ${status ?? 'an error'} and asked for a wait`;
};

const failureOf = (outcome: Outcome): Failure['code'] =>
  outcome.kind === 'failure' ? outcome.failure.code : 'http_status';
