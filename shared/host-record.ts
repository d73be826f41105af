// What is known of a host, made of what the scripts keep of it (lease.ts, adapt-host.ts, block-host.ts). Pure.
import { z } from 'zod';
import { isFailureCode, type FailureCode } from './failure.ts';
import type { HostLimits } from './host-limits.ts';
import type { Breaker } from './permit-store.ts';
import { liveness } from './scripts/lease.ts';

/** Times are epoch ms, and lie ahead. */
export type HostRecord = {
  /** Its origin. */
  readonly host: string;
  /** What an operator set for it. */
  readonly limits?: HostLimits | undefined;
  /** Requests in flight that the controller allows; undefined where it has not judged the host. */
  readonly limit?: number | undefined;
  /** Why the controller has it slowed down; empty where it has not. */
  readonly slowedWhy: string;
  /** What live workers hold, and what they want beyond that. */
  readonly inFlight: number;
  readonly waiting: number;
  /** Slices that wait on the queue until this host has room. */
  readonly parkedSlices: number;
  readonly breaker: Breaker;
  /** When the open breaker lets a probe through. */
  readonly probeAt?: number | undefined;
  /** The end of a wait that the host asked for, and how it asked. */
  readonly blockedUntil?: number | undefined;
  readonly blockedWhy: string;
  /** Of the last attempt that spoke of overload. */
  readonly lastFailure?: FailureCode | undefined;
};

/** One look at Redis; `now` by its clock. */
export type HostSighting = {
  readonly host: string;
  /** The hash of the host, empty where there is none. */
  readonly fields: Readonly<Record<string, string>>;
  readonly parkedSlices: number;
  readonly limits: HostLimits | undefined;
  readonly now: number;
  /** Whether the worker listens to its channel. */
  readonly isListening: (worker: string) => boolean;
};

export const toHostRecord = (sighting: HostSighting): HostRecord => {
  const { host, fields, limits, parkedSlices, now } = sighting;
  const holdings = holdingsOf(fields).filter((holding) => isLive(holding, sighting));
  const sumOf = (count: (holding: Holding) => number): number =>
    holdings.reduce((sum, holding) => sum + count(holding), 0);
  return {
    host,
    limits,
    limit: fields['limit'] === undefined ? undefined : Number(fields['limit']),
    slowedWhy: readWhy(fields['ctl']),
    inFlight: sumOf(({ held }) => held),
    waiting: sumOf(({ held, wanted }) => Math.max(0, wanted - held)),
    parkedSlices,
    breaker: breakerOf(fields['open'], now),
    probeAt: ahead(fields['open'], now),
    blockedUntil: ahead(fields['until'], now),
    blockedWhy: fields['why'] ?? '',
    ...(isFailureCode(fields['code']) && { lastFailure: fields['code'] }),
  };
};

/** The workers that have, or had, permits of the host. */
export const workersOf = (fields: HostSighting['fields']): string[] =>
  holdingsOf(fields).map(({ worker }) => worker);

type Holding = {
  readonly worker: string;
  readonly held: number;
  readonly wanted: number;
  readonly seen: number;
};

const holdingsOf = (fields: HostSighting['fields']): Holding[] =>
  Object.entries(fields).flatMap(([field, text]) => {
    const [held, wanted, seen] = text.split(' ').map(Number);
    if (!field.startsWith('w:') || held === undefined || wanted === undefined || seen === undefined)
      return [];
    return [{ worker: field.slice(2), held, wanted, seen }];
  });

const isLive = ({ worker, seen }: Holding, { now, isListening }: HostSighting): boolean => {
  const age = now - seen;
  return age <= liveness.trustMs || (age <= liveness.patienceMs && isListening(worker));
};

const ahead = (epochMs: string | undefined, now: number): number | undefined =>
  Number(epochMs ?? 0) > now ? Number(epochMs) : undefined;

const breakerOf = (open: string | undefined, now: number): Breaker => {
  if (open === undefined) return 'closed';
  return Number(open) > now ? 'open' : 'halfOpen';
};

const controllerSchema = z.object({ why: z.string() });

const readWhy = (state: string | undefined): string => {
  if (state === undefined) return '';
  const parsed = controllerSchema.safeParse(JSON.parse(state));
  return parsed.success ? parsed.data.why : '';
};
