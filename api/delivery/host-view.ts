// A host as callers see it (design §5): what it is allowed, what it has, and why. Pure.
import { z } from 'zod';
import { hostLimitsSchema } from '../../shared/host-limits.ts';
import type { HostRecord } from '../../shared/host-record.ts';

const hostStates = ['ok', 'slowed', 'blocked', 'open', 'probing', 'idle'] as const;
export type HostState = (typeof hostStates)[number];

export const hostViewSchema = z.object({
  host: z.string().describe('Its origin, as it is spelled everywhere.'),
  state: z
    .enum(hostStates)
    .describe(
      '`open`: nothing but failures came from it, so that requests to it fail unsent; `probing`: one is let through to see; ' +
        '`blocked`: it asked for a wait; `slowed`: it gets fewer at once than an unknown host; `idle`: nobody asks it.',
    ),
  why: z.string().nullable().describe('The reason for the state; null where it is `ok` or `idle`.'),
  blockedUntil: z.iso.datetime().nullable().describe('Nothing is sent to it before then.'),
  limits: hostLimitsSchema.nullable().describe('As they were set; null for nothing.'),
  limit: z
    .int()
    .min(0)
    .nullable()
    .describe('Requests that may be in flight now, over all workers; null where that is the default.'),
  inFlight: z.int().min(0).describe('Requests that workers hold a permit for.'),
  waiting: z.int().min(0).describe('Requests that workers could send if they might.'),
  parkedSlices: z.int().min(0).describe('Parts of batches that wait on the queue until it has room.'),
  links: z.object({ self: z.string() }),
});

export type HostView = Readonly<z.output<typeof hostViewSchema>>;

export const hostPageSchema = z.object({
  hosts: z.array(hostViewSchema),
  next: z.string().nullable().describe('The `after` of the next page; null on the last.'),
});

export type HostPageView = Readonly<z.output<typeof hostPageSchema>>;

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
