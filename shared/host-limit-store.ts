// The limits that operators set for single hosts, in Redis. A change is heard by every worker.
import { hostLimitsSchema, type HostLimits } from './host-limits.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';

export type HostLimitStore = {
  get(host: string): Promise<HostLimits | undefined>;
  set(host: string, limits: HostLimits): Promise<void>;
  /** False where none were set. */
  remove(host: string): Promise<boolean>;
  all(): Promise<ReadonlyMap<string, HostLimits>>;
};

export const createHostLimitStore = (redis: Redis, keys: Keys): HostLimitStore => {
  const tellWorkers = async (): Promise<void> => void (await redis.publish(keys.hostEvents, 'rules'));
  return {
    async get(host) {
      const text = await redis.hget(keys.hostLimits, host);
      return text === null ? undefined : parse(text);
    },
    async set(host, limits) {
      await redis.hset(keys.hostLimits, host, JSON.stringify(limits));
      await tellWorkers();
    },
    async remove(host) {
      const removed = await redis.hdel(keys.hostLimits, host);
      await tellWorkers();
      return removed === 1;
    },
    async all() {
      const entries = Object.entries(await redis.hgetall(keys.hostLimits));
      return new Map(entries.flatMap(([host, text]) => toEntry(host, parse(text))));
    },
  };
};

const toEntry = (host: string, limits: HostLimits | undefined): [string, HostLimits][] =>
  limits === undefined ? [] : [[host, limits]];

/** Undefined for what a newer version wrote. */
const parse = (text: string): HostLimits | undefined => {
  const parsed = hostLimitsSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
};
