// Permits of hosts in Redis, as workers ask for them: how many requests each may have in flight, so that no limit is exceeded over all.
import { isFailureCode, type FailureCode } from './failure.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { runScript } from './script.ts';
import { adaptHost } from './scripts/adapt-host.ts';
import { blockHost } from './scripts/block-host.ts';
import { lease } from './scripts/lease.ts';
import { park } from './scripts/park.ts';

/** What a worker asks of one host. `name` is its origin; with `#` and a batch after it, it is the host as that batch may use it. */
export type PermitAsk = {
  readonly name: string;
  /** Requests that could be in flight here. */
  readonly wanted: number;
  /** Those that are, and those that may start before the answer is here: they stay counted whatever the answer. */
  readonly kept: number;
  readonly limits: PermitLimits;
  /** Starts wanted, where the host has a rate. */
  readonly starts: number;
  readonly report: HostReport;
};

/** `concurrency` is never exceeded; the controller begins at `start`. `intervalMs` between two starts, 0 for no rate. */
export type PermitLimits = {
  readonly concurrency: number;
  readonly start: number;
  readonly intervalMs: number;
};

/** What came of attempts, and how long the successful ones took. */
export type HostOutcomes = {
  readonly successes: number;
  readonly overloads: number;
  readonly meanMs: number;
  readonly leastMs: number;
};

/** What came of attempts since the last report; `lastFailure` is that of the last overload. */
export type HostReport = HostOutcomes & { readonly lastFailure?: FailureCode | undefined };

/** Durations count from the answer on. */
export type PermitGrant = {
  /** Requests that may be in flight here. */
  readonly may: number;
  /** Requests that the others allow for: more than `may` until what is in flight has ended. */
  readonly counted: number;
  readonly limit: number;
  /** All workers together want more than there is. */
  readonly isShort: boolean;
  readonly blockedMs: number;
  readonly breaker: Breaker;
  readonly firstStartMs: number;
  readonly starts: number;
  /** Slices that wait for this host to have room. */
  readonly parked: number;
  /** Of the last overload that any worker saw. */
  readonly lastFailure?: FailureCode;
  readonly window?: HostWindow;
};

export type Breaker = 'closed' | 'halfOpen' | 'open';

/** What all workers saw of a host in `ms`; `state` is what the controller wrote last, or empty. */
export type HostWindow = HostOutcomes & {
  readonly ms: number;
  readonly wanted: number;
  readonly state: string;
};

/** What the controller decided. `openMs` is set where the breaker is open; `settleMs` is the time until outcomes speak of it. */
export type HostDecision = {
  readonly limit: number;
  readonly state: string;
  readonly openMs?: number | undefined;
  readonly settleMs: number;
};

export type PermitStore = {
  /** In the order of `asks`. */
  ask(worker: string, asks: readonly PermitAsk[]): Promise<PermitGrant[]>;
  adapt(name: string, decision: HostDecision): Promise<void>;
  /** Leaves the host alone for so long, on every worker. */
  block(name: string, ms: number, why: string): Promise<void>;
  /** Remembers that a slice waits for the host; `order` is lowest first. */
  park(name: string, jobId: string, order: number): Promise<void>;
  /** Forgets the slice that waits first, and returns its job id. */
  unpark(name: string): Promise<string | undefined>;
};

const hostsPerCall = 100;
/** Longer than any slice is parked: by then the last of them has come back by itself. */
const parkedSeconds = 600;
const breakers: readonly Breaker[] = ['closed', 'halfOpen', 'open'];

export const createPermitStore = (redis: Redis, keys: Keys): PermitStore => ({
  async ask(worker, asks) {
    const grants: PermitGrant[] = [];
    for (let first = 0; first < asks.length; first += hostsPerCall) {
      const some = asks.slice(first, first + hostsPerCall);
      const names = some.flatMap(({ name }) => [keys.host(name), keys.parked(name)]);
      const about = [worker, keys.worker(''), keys.hostEvents, ...some.map(toWords)];
      const replies = await runScript(redis, lease, [keys.hosts, ...names], about);
      grants.push(...(replies as string[]).map(toGrant));
    }
    return grants;
  },
  async adapt(name, { limit, state, openMs = -1, settleMs }) {
    const args = [name, keys.hostEvents, limit, state, Math.round(openMs), Math.round(settleMs)];
    await runScript(redis, adaptHost, [keys.host(name)], args);
  },
  async block(name, ms, why) {
    await runScript(
      redis,
      blockHost,
      [keys.host(name), keys.hosts],
      [name, keys.hostEvents, Math.ceil(ms), why],
    );
  },
  async park(name, jobId, order) {
    await runScript(redis, park, [keys.parked(name)], [jobId, order, parkedSeconds]);
  },
  async unpark(name) {
    const [jobId] = await redis.zpopmin(keys.parked(name));
    return jobId;
  },
});

// One text a host each way: what the client writes and reads argument by argument is what a call costs here.
const toWords = ({ name, wanted, kept, limits, starts, report }: PermitAsk): string =>
  `${name} ${wanted} ${kept} ${limits.concurrency} ${limits.start} ${limits.intervalMs} ${starts} ${report.successes} ${report.overloads} ${report.meanMs.toFixed(1)} ${Math.round(report.leastMs)} ${report.lastFailure ?? '-'}`;

const toGrant = (reply: string): PermitGrant => {
  const words = reply.split(' ');
  const number = (at: number): number => Number(words[at] ?? 0);
  const lastFailure = words[9];
  return {
    may: number(0),
    counted: number(1),
    limit: number(2),
    isShort: number(3) === 1,
    blockedMs: number(4),
    breaker: breakers[number(5)] ?? 'closed',
    firstStartMs: number(6),
    starts: number(7),
    parked: number(8),
    ...(isFailureCode(lastFailure) && { lastFailure }),
    ...(words.length > 10 && {
      window: {
        successes: number(10),
        overloads: number(11),
        meanMs: number(12),
        leastMs: number(13),
        ms: number(14),
        wanted: number(15),
        state: words.slice(16).join(' '),
      },
    }),
  };
};
