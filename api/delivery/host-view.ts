// A host as callers see it (design §5): what it is allowed, what it has, and why. Pure.
import type { HostLimits } from '../../shared/host-limits.ts';
import type { HostRecord } from '../../shared/host-record.ts';

/**
 * `open`: nothing but failures came from it, so that requests to it fail unsent; `probing`: one is let through to see;
 * `blocked`: it asked for a wait; `slowed`: it gets fewer at once than an unknown host; `idle`: nobody asks it.
 */
export type HostState = 'ok' | 'slowed' | 'blocked' | 'open' | 'probing' | 'idle';

export type HostView = {
  readonly host: string;
  readonly state: HostState;
  readonly why: string | null;
  /** Nothing is sent to it before then. */
  readonly blockedUntil: string | null;
  /** As they were set. */
  readonly limits: HostLimits | null;
  /** Requests that may be in flight now, over all workers; null where that is the default. */
  readonly limit: number | null;
  readonly inFlight: number;
  readonly waiting: number;
  readonly parkedSlices: number;
  readonly links: { readonly self: string };
};

export const hostPath = (host: string): string => `/v1/hosts/${encodeURIComponent(host)}`;

export const toHostView = (record: HostRecord): HostView => {
  const { host, limits, inFlight, waiting, parkedSlices, probeAt, blockedUntil } = record;
  const state = stateOf(record);
  const until = Math.max(probeAt ?? 0, blockedUntil ?? 0);
  return {
    host,
    state,
    why: whyOf(state, record),
    blockedUntil: until === 0 ? null : new Date(until).toISOString(),
    limits: limits ?? null,
    limit: limitOf(record),
    inFlight,
    waiting,
    parkedSlices,
    links: { self: hostPath(host) },
  };
};

const stateOf = (record: HostRecord): HostState => {
  const { breaker, blockedUntil, slowedWhy, inFlight, waiting, parkedSlices } = record;
  if (breaker !== 'closed') return breaker === 'open' ? 'open' : 'probing';
  if (blockedUntil !== undefined) return 'blocked';
  if (slowedWhy !== '') return 'slowed';
  return inFlight + waiting + parkedSlices > 0 ? 'ok' : 'idle';
};

const whyOf = (state: HostState, { slowedWhy, blockedWhy, lastFailure }: HostRecord): string | null => {
  if (state === 'ok' || state === 'idle') return null;
  if (state === 'blocked') return blockedWhy;
  return state === 'slowed' || lastFailure === undefined
    ? slowedWhy
    : `${slowedWhy}, last with ${lastFailure}`;
};

const limitOf = ({ breaker, limit, limits }: HostRecord): number | null => {
  if (breaker !== 'closed') return breaker === 'open' ? 0 : 1;
  if (limit === undefined) return limits?.concurrency ?? null;
  return Math.min(limit, limits?.concurrency ?? limit);
};
