// The limits of each host: what the service allows, or what an operator set for it, kept up to date while this worker runs.
import type { HostLimits } from '../../shared/host-limits.ts';
import type { HostLimitStore } from '../../shared/host-limit-store.ts';
import type { HostRules } from './pools.ts';

export type RuleBook = {
  of(host: string): HostRules;
  /** Reads what operators set. */
  refresh(): Promise<void>;
};

/** A host begins with this many in flight, so that a small batch goes out at once. */
const startInFlight = 128;

export const createRuleBook = (store: HostLimitStore, byDefault: HostLimits): RuleBook => {
  const standard = toRules({}, byDefault);
  let own: ReadonlyMap<string, HostRules> = new Map();
  return {
    of: (host) => own.get(host) ?? standard,
    async refresh() {
      const set = await store.all();
      own = new Map([...set].map(([host, limits]) => [host, toRules(limits, byDefault)]));
    },
  };
};

/** What an operator set stands instead of the default; as many as were allowed expressly are asked for at once. */
const toRules = ({ concurrency, rate }: HostLimits, byDefault: HostLimits): HostRules => {
  const most = concurrency ?? byDefault.concurrency ?? startInFlight;
  const pace = rate ?? byDefault.rate;
  return {
    concurrency: most,
    start: concurrency ?? Math.min(startInFlight, most),
    intervalMs: pace === undefined ? 0 : pace.periodMs / pace.requests,
    explores: concurrency === undefined,
  };
};
