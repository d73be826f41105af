// Hosts as Redis knows them: one by name, or a page of all of which something is known or set.
import type { HostLimits } from './host-limits.ts';
import type { HostLimitStore } from './host-limit-store.ts';
import { toHostRecord, workersOf, type HostRecord } from './host-record.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { redisNow, runScript } from './script.ts';
import { forgetHosts } from './scripts/forget-hosts.ts';

export type HostPage = { readonly hosts: readonly HostRecord[]; readonly next?: string | undefined };

export type HostStore = {
  /** A host that was never asked is one at rest. */
  get(host: string): Promise<HostRecord>;
  /** By name; `after` is the last name of the page before. */
  list(query: { readonly limit: number; readonly after?: string | undefined }): Promise<HostPage>;
};

type LimitsByHost = ReadonlyMap<string, HostLimits>;

/** Pages of names looked at for one call, so that hosts long forgotten cannot make it endless. */
const maxLooks = 10;

export const createHostStore = (redis: Redis, keys: Keys, limits: HostLimitStore): HostStore => ({
  async get(host) {
    const own = await limits.get(host);
    const [seen] = await look(redis, keys, [host], new Map(own && [[host, own]]));
    if (seen === undefined) throw new Error('one name was looked for, and none was answered');
    return seen.record;
  },
  async list({ limit, after = '' }) {
    const set = await limits.all();
    const hosts: HostRecord[] = [];
    let last = after;
    for (let looks = 0; looks < maxLooks && hosts.length <= limit; looks += 1) {
      const names = await namesAfter(redis, keys, { last, set, count: limit + 1 });
      const seen = await look(redis, keys, names, set);
      await forget(
        redis,
        keys,
        seen.flatMap(({ record, isKept }) => (isKept ? [] : [record.host])),
      );
      hosts.push(...seen.filter(({ isKnown }) => isKnown).map(({ record }) => record));
      last = names.at(-1) ?? last;
      if (names.length <= limit) return pageOf(hosts, limit);
    }
    return hosts.length > limit ? pageOf(hosts, limit) : { hosts, next: last };
  },
});

const pageOf = (hosts: readonly HostRecord[], limit: number): HostPage => {
  const page = hosts.slice(0, limit);
  return { hosts: page, next: hosts.length > limit ? page.at(-1)?.host : undefined };
};

const namesAfter = async (
  redis: Redis,
  keys: Keys,
  { last, set, count }: { last: string; set: LimitsByHost; count: number },
): Promise<string[]> => {
  const known = await redis.zrangebylex(keys.hosts, last === '' ? '-' : `(${last}`, '+', 'LIMIT', 0, count);
  const named = [...set.keys()].filter((name) => name > last);
  return [...new Set([...known, ...named])].toSorted().slice(0, count);
};

type Seen = { readonly record: HostRecord; readonly isKept: boolean; readonly isKnown: boolean };

/** In the order of `names`. */
const look = async (
  redis: Redis,
  keys: Keys,
  names: readonly string[],
  set: LimitsByHost,
): Promise<Seen[]> => {
  const [now, states, parked] = await Promise.all([
    redisNow(redis),
    Promise.all(names.map((name) => redis.hgetall(keys.host(name)))),
    Promise.all(names.map((name) => redis.zcard(keys.parked(name)))),
  ]);
  const listening = await findListening(redis, keys, new Set(states.flatMap(workersOf)));
  return names.map((host, i) => {
    const [fields, limits] = [states[i] ?? {}, set.get(host)];
    const isListening = (worker: string): boolean => listening.has(worker);
    const record = toHostRecord({ host, fields, limits, parkedSlices: parked[i] ?? 0, now, isListening });
    const isKept = Object.keys(fields).length > 0;
    return { record, isKept, isKnown: isKept || limits !== undefined };
  });
};

const findListening = async (
  redis: Redis,
  keys: Keys,
  workers: ReadonlySet<string>,
): Promise<ReadonlySet<string>> => {
  if (workers.size === 0) return workers;
  const names = [...workers];
  const reply = (await redis.pubsub('NUMSUB', ...names.map((name) => keys.worker(name)))) as (
    | string
    | number
  )[];
  return new Set(names.filter((_, i) => Number(reply[2 * i + 1]) > 0));
};

/** What is known of a host expires; its name is taken off the list here. Returns how many were. */
const forget = async (redis: Redis, keys: Keys, names: readonly string[]): Promise<number> => {
  if (names.length === 0) return 0;
  const states = names.map((host) => keys.host(host));
  return (await runScript(redis, forgetHosts, [keys.hosts, ...states], names)) as number;
};

const namesPerScan = 500;

/** Takes all hosts off the list of which nothing is known any more. To be called now and then, by any worker. */
export const sweepHosts = async (redis: Redis, keys: Keys): Promise<number> => {
  let forgotten = 0;
  let cursor = '0';
  do {
    const [next, found] = await redis.zscan(keys.hosts, cursor, 'COUNT', namesPerScan);
    cursor = next;
    const names = found.filter((_, at) => at % 2 === 0);
    forgotten += await forget(redis, keys, names);
  } while (cursor !== '0');
  return forgotten;
};
