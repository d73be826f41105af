// The hosts this worker fetches from, and its part of their permits: asked for in bulk, renewed, given back.
import type { HostLimits } from '../../shared/host-limits.ts';
import type { Logger } from '../../shared/logger.ts';
import type {
  HostWindow,
  PermitAsk,
  PermitGrant,
  PermitLimits,
  PermitStore,
} from '../../shared/permit-store.ts';
import { judge } from './controller.ts';
import type { HostEvent } from './host-event.ts';
import { Pool } from './pool.ts';

export type Pools = {
  /** Called with those of which something new is known. To be set once, before anything is asked. */
  onHeard: (pools: readonly Pool[]) => void;
  /** Every one of them must let a request of the batch start at the host. */
  of(host: string, batch: string, perHost?: HostLimits): readonly Pool[];
  get(name: string): Pool | undefined;
  all(): Iterable<Pool>;
  /** The next moment, monotonic ms, at which a pool lets something start by the clock alone; Infinity where none does. */
  nextStart(): number;
  /** Asks for what the pool lacks, or gives back what it has too much, together with others that say so now. */
  want(pool: Pool): void;
  /** Wakes those whose time has come. */
  wakeDue(): void;
  /** Asks for all that must be asked for by now. To be called every `tickMs`. */
  tick(): void;
  /** What the workers tell each other: of permits given back or lacked, a new limit, a wait asked for. */
  hear(event: HostEvent): void;
  /** Gives all permits back. */
  close(): Promise<void>;
};

export type PoolsDeps = {
  readonly store: PermitStore;
  readonly worker: string;
  /** Most requests this worker has in flight. */
  readonly concurrency: number;
  /** The limits of a host, for all batches. */
  readonly limitsOf: (host: string) => HostRules;
  /** Monotonic ms. */
  readonly now: () => number;
  readonly logger: Logger;
};

/** What a host may get at most, and whether the controller may look for less where that would do. */
export type HostRules = PermitLimits & { readonly explores: boolean };

export const tickMs = 100;
const renewMs = 500;
/** Starts are asked for so long before the last one is used up. */
const startsAheadMs = 150;
const startsAsked = 300;
const mostInFlight = 10_000;

export const createPools = (deps: PoolsDeps): Pools => {
  const { store, worker, now, limitsOf, logger } = deps;
  const pools = new Map<string, Pool>();
  /** Those that may let something start by the clock alone. */
  const timed = new Set<Pool>();
  let wanted = new Set<Pool>();
  /** Those to ask for once more when the answer under way is here. */
  const again = new Set<Pool>();

  const open = (name: string, limits: PermitLimits): Pool => {
    const known = pools.get(name);
    if (known !== undefined) return known;
    const pool = new Pool(name, limits, now());
    pools.set(name, pool);
    if (limits.intervalMs > 0) timed.add(pool);
    return pool;
  };
  const drop = (pool: Pool): void => {
    pools.delete(pool.name);
    timed.delete(pool);
    again.delete(pool);
  };

  const want: Pools['want'] = (pool) => {
    if (pool.isAsking) {
      again.add(pool);
      return;
    }
    if (wanted.size === 0) setImmediate(askTogether);
    wanted.add(pool);
  };

  const adapt = async ({ name }: Pool, window: HostWindow): Promise<void> => {
    const { start, concurrency: most, explores } = limitsOf(name);
    const decision = judge(window, { start, most, explores });
    if (decision === undefined) return;
    const { state, openMs, settleMs } = decision;
    await store.adapt(name, { limit: state.limit, state: JSON.stringify(state), openMs, settleMs });
  };

  const hear = (pool: Pool, grant: PermitGrant, at: number): void => {
    pool.hear(grant, at);
    if (grant.blockedMs > 0) timed.add(pool);
    if (again.delete(pool) || pool.hasTooMany() || pool.lacks()) want(pool);
    else if (pool.isIdle && grant.counted === 0) drop(pool);
    if (grant.window !== undefined)
      adapt(pool, grant.window).catch((error: unknown) => {
        logger.warn({ err: error, host: pool.name }, 'the limit of a host could not be set');
      });
  };

  const ask = async (asked: readonly Pool[]): Promise<void> => {
    const asks = asked.map((pool) => askOf(pool, deps));
    try {
      const grants = await store.ask(worker, asks);
      const at = now();
      for (const [i, grant] of grants.entries()) hear(asked[i] as Pool, grant, at);
      all.onHeard(asked);
    } catch (error) {
      for (const pool of asked) pool.goWithout();
      logger.warn({ err: error, hosts: asked.length }, 'no permits could be had');
    }
  };

  const askTogether = (): void => {
    const asked = [...wanted].filter((pool) => !pool.isAsking);
    wanted = new Set();
    if (asked.length > 0) void ask(asked);
  };

  /** What an operator set holds for requests already in line too. */
  const obey = (): void => {
    for (const pool of pools.values()) {
      if (pool.name.includes('#')) continue;
      pool.limits = limitsOf(pool.name);
      if (pool.limits.intervalMs > 0) timed.add(pool);
      want(pool);
    }
  };

  const all: Pools = {
    onHeard: () => {},
    of(host, batch, perHost) {
      const pool = open(host, limitsOf(host));
      return perHost === undefined ? [pool] : [pool, open(`${host}#${batch}`, ownLimits(perHost))];
    },
    get: (name) => pools.get(name),
    all: () => pools.values(),
    nextStart() {
      if (timed.size === 0) return Infinity;
      const at = now();
      let next = Infinity;
      for (const pool of timed) next = Math.min(next, pool.startsAt(at));
      return next;
    },
    wakeDue() {
      const at = now();
      for (const pool of timed) if (pool.canStart(at)) pool.wake();
    },
    want,
    tick() {
      const at = now();
      const due: Pool[] = [];
      for (const pool of pools.values()) {
        if (pool.isAsking) continue;
        if (pool.isIdle && pool.grant === undefined) drop(pool);
        else if (isDue(pool, at)) due.push(pool);
      }
      if (due.length > 0) void ask(due);
    },
    hear(event) {
      if (event.is === 'rules') return obey();
      const pool = pools.get(event.host);
      if (pool === undefined) return;
      if (event.is !== 'blocked') return want(pool);
      pool.blockFor(event.ms, now());
      timed.add(pool);
      all.onHeard([pool]);
    },
    async close() {
      const held = [...pools.values()].filter(({ grant }) => grant !== undefined);
      if (held.length > 0)
        await store
          .ask(
            worker,
            held.map((pool) => askOf(pool, deps)),
          )
          .catch(() => {});
    },
  };
  return all;
};

/** Without limits: no host has a pool. */
export const createOpenPools = (): Pools => ({
  onHeard: () => {},
  of: () => [],
  get: () => undefined,
  all: () => [],
  nextStart: () => Infinity,
  wakeDue: () => {},
  want: () => {},
  tick: () => {},
  hear: () => {},
  close: async () => {},
});

const ownLimits = ({ concurrency = mostInFlight, rate }: HostLimits): PermitLimits => ({
  concurrency,
  start: concurrency,
  intervalMs: rate === undefined ? 0 : rate.periodMs / rate.requests,
});

const isDue = (pool: Pool, now: number): boolean => {
  const { grant } = pool;
  if (grant === undefined || pool.isIdle || pool.isTroubled || now - pool.heardAt >= renewMs) return true;
  if (grant.isShort || (grant.breaker !== 'closed' && pool.hasReport)) return true;
  return pool.limits.intervalMs > 0 && pool.waiting > 0 && (pool.starts.at(-1) ?? 0) < now + startsAheadMs;
};

// One more than can be used: with it, those who wait for this worker are told from those who wait for their host.
const askOf = (pool: Pool, { concurrency, now }: PoolsDeps): PermitAsk => ({
  name: pool.name,
  ...pool.ask(concurrency + 1, now()),
  limits: pool.limits,
  starts: Math.max(0, Math.min(pool.waiting, startsAsked) - pool.starts.length),
  report: pool.takeReport(),
});
