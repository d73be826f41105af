// Puts the politeness of a worker together: limits, permits, what outcomes mean for hosts, slices that wait for one.
import type { Config } from '../../shared/config.ts';
import { createHostLimitStore } from '../../shared/host-limit-store.ts';
import type { Keys } from '../../shared/keys.ts';
import type { Logger } from '../../shared/logger.ts';
import { createPermitStore } from '../../shared/permit-store.ts';
import type { Redis } from '../../shared/redis.ts';
import { createPermits, type Permits } from '../permits.ts';
import { parseHostEvent } from './host-event.ts';
import { createRuleBook } from './host-rules.ts';
import { createObserver, type Observer } from './observer.ts';
import { createParking, type Parking } from './parking.ts';
import { createOpenPools, createPools } from './pools.ts';

export type Politeness = {
  readonly permits: Permits;
  readonly observe: Observer;
  readonly parking: Parking;
  /** What came over the channel of hosts' events. */
  hear(text: string): void;
  /** Reads what operators set. */
  refresh(): Promise<void>;
  /** Gives back what this worker has of hosts. */
  close(): Promise<void>;
};

export type PolitenessDeps = {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly logger: Logger;
  /** Unlike any other worker's, with no space in it. */
  readonly worker: string;
  /** Requests in flight here at most. */
  readonly concurrency: number;
  readonly hosts: Config['hosts'];
  /** Puts a slice in line again that waits for a host. */
  readonly promote: (jobId: string) => Promise<void>;
};

export const createPoliteness = (deps: PolitenessDeps): Politeness => {
  const { redis, keys, logger, worker, concurrency, hosts } = deps;
  const store = createPermitStore(redis, keys);
  const rules = createRuleBook(createHostLimitStore(redis, keys), hosts.limits);
  const complain = (error: unknown): void => logger.warn({ err: error }, 'Redis did not hear of a host');
  const monotonic = (): number => performance.now();
  const parking = createParking({ store, promote: deps.promote, onError: complain });

  const pools = hosts.areLimited
    ? createPools({ store, worker, concurrency, limitsOf: (host) => rules.of(host), now: monotonic, logger })
    : createOpenPools();
  const permits = createPermits({
    limit: concurrency,
    pools,
    now: monotonic,
    onRoom: (name) => parking.callBack(name),
  });
  const observe = createObserver({ pools, store, onError: complain });

  return {
    permits,
    observe: hosts.areLimited ? observe : () => {},
    parking,
    hear(text) {
      const event = parseHostEvent(text);
      if (event === undefined) return;
      if (event.is !== 'rules') return pools.hear(event);
      rules.refresh().then(() => pools.hear(event), complain);
    },
    refresh: () => rules.refresh(),
    close: () => pools.close(),
  };
};
