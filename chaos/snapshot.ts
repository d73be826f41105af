// All that Redis holds of batches, read straight while nothing moves: what the API says of them can be held against it.
import { isBatchId, type BatchId } from '../shared/batch.ts';
import type { Keys } from '../shared/keys.ts';
import { locate, readLocators } from '../shared/locator.ts';
import { queueKey, queueKeys } from '../shared/queue.ts';
import type { Redis } from '../shared/redis.ts';

/** A batch of which there is a key. Those of a hash without the field are 0, or false. */
export type KeptBatch = {
  readonly id: BatchId;
  readonly isSealed: boolean;
  readonly isEnded: boolean;
  /** It was ended before its requests were. */
  readonly isClosed: boolean;
  readonly isPaused: boolean;
  readonly generation: number;
  readonly owner: string;
  readonly total: number;
  readonly running: number;
  /** Succeeded and failed. */
  readonly recorded: number;
  /** Cancelled and expired. */
  readonly closed: number;
  /** What the locators of its requests say: how many have a result, how many have none, and in which slices those are. */
  readonly located: {
    readonly recorded: number;
    readonly unrecorded: number;
    readonly unfinished: ReadonlySet<number>;
  };
  /** Requests that workers hold, by its claims. */
  readonly held: number;
  /** Its slices, and how many there are to be. */
  readonly slices: { readonly kept: number; readonly said: number };
  /** Keys of it that never expire. */
  readonly lasting: number;
};

export type Snapshot = {
  readonly batches: ReadonlyMap<BatchId, KeptBatch>;
  /** Ids of the jobs of which the queue holds anything. */
  readonly jobs: ReadonlySet<string>;
  readonly outbox: ReadonlySet<string>;
  readonly deadlines: ReadonlySet<string>;
  /** `<owner>:<batch>` */
  readonly unfinished: ReadonlySet<string>;
  /** `<owner>:<batch>` */
  readonly listed: ReadonlySet<string>;
  /** Batches that were made under an Idempotency-Key. */
  readonly keyed: readonly BatchId[];
};

/** Of a Redis that nobody else writes to: it is read in several steps. */
export const readSnapshot = async (redis: Redis, keys: Keys): Promise<Snapshot> => {
  const names = await allKeys(redis, `${keys.queuePrefix}:*`);
  const members = async (name: string): Promise<string[]> => await redis.zrange(name, '0', '-1');
  const listPrefix = keys.batches('');
  const lists = names.filter((name) => name.startsWith(listPrefix));
  const listed = await inTurn(lists, async (name) => {
    const owner = name.slice(listPrefix.length);
    return (await members(name)).map((id) => `${owner}:${id}`);
  });
  const ids = [...new Set(names.flatMap((name) => idIn(name)))];
  const batches = await inTurn(ids, async (id) => await readBatch(redis, keys, id));
  return {
    batches: new Map(batches.map((batch) => [batch.id, batch])),
    jobs: await readJobs(redis, keys, names),
    outbox: new Set(await members(keys.outbox)),
    deadlines: new Set(await members(keys.deadlines)),
    unfinished: new Set(await members(keys.unfinished)),
    listed: new Set(listed.flat()),
    keyed: await readKeyed(
      redis,
      names.filter((name) => name.startsWith(keys.idempotency('', '').slice(0, -1))),
    ),
  };
};

const allKeys = async (redis: Redis, match: string): Promise<string[]> => {
  const found: string[] = [];
  for await (const some of redis.scanStream({ match, count: 1000 })) found.push(...(some as string[]));
  return [...new Set(found)];
};

/** A hundred at a time: they share round trips. */
const inTurn = async <A, B>(all: readonly A[], read: (one: A) => Promise<B>): Promise<B[]> => {
  const found: B[] = [];
  for (let first = 0; first < all.length; first += 100) {
    found.push(...(await Promise.all(all.slice(first, first + 100).map(read))));
  }
  return found;
};

/** The batch whose key this is. */
const idIn = (name: string): BatchId[] => {
  const id = /:\{([^}]*)\}:/.exec(name)?.[1] ?? '';
  return isBatchId(id) ? [id] : [];
};

const readBatch = async (redis: Redis, keys: Keys, id: BatchId): Promise<KeptBatch> => {
  const { meta, index, claims, slices, all } = keys.batch(id);
  const [fields, locators, holdings, kept, ...lives] = await Promise.all([
    redis.hgetall(meta),
    redis.getBuffer(index),
    redis.hgetall(claims),
    redis.hlen(slices),
    ...all.map((key) => redis.pttl(key)),
  ]);
  const number = (name: string): number => Number(fields[name] ?? 0);
  return {
    id,
    isSealed: fields['sealed'] === '1',
    isEnded: fields['endedAt'] !== undefined,
    isClosed: fields['closedAs'] !== undefined,
    isPaused: fields['paused'] !== undefined,
    generation: number('generation'),
    owner: fields['owner'] ?? '',
    total: number('total'),
    running: number('running'),
    recorded: number('succeeded') + number('failed'),
    closed: number('cancelled') + number('expired'),
    located: readIndex(locators ?? Buffer.alloc(0)),
    held: sum(Object.entries(holdings).flatMap(([slice, count]) => (isSlice(slice) ? [Number(count)] : []))),
    slices: { kept, said: number('sliceCount') },
    lasting: lives.filter((ms) => ms === -1).length,
  };
};

/** Beside the number of a slice there is, after a `g`, the generation it is held for. */
const isSlice = (field: string): boolean => /^\d+$/.test(field);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const readIndex = (locators: Buffer): KeptBatch['located'] => {
  const locations = readLocators(locators).map(locate);
  return {
    recorded: locations.filter(({ at }) => at === 'segment').length,
    unrecorded: locations.filter(({ at }) => at === 'slice').length,
    unfinished: new Set(locations.flatMap((location) => (location.at === 'slice' ? [location.slice] : []))),
  };
};

const readJobs = async (redis: Redis, keys: Keys, names: readonly string[]): Promise<Set<string>> => {
  const prefix = queueKey(keys.queuePrefix, '');
  const hashes = names
    .filter((name) => name.startsWith(prefix) && !name.endsWith(':lock'))
    .map((name) => name.slice(prefix.length));
  const lined = await inTurn(queueKeys(keys.queuePrefix), async (name) =>
    /:(wait|active)$/.test(name) ? await redis.lrange(name, 0, -1) : await redis.zrange(name, '0', '-1'),
  );
  return new Set([...hashes, ...lined.flat()].filter((job) => batchOfJob(job) !== undefined));
};

/** `bat_…` of `bat_…-17-2`; undefined for what is no job of ours. */
export const batchOfJob = (job: string): BatchId | undefined => {
  const id = job.slice(0, 'bat_'.length + 36);
  return isBatchId(id) ? id : undefined;
};

const readKeyed = async (redis: Redis, names: readonly string[]): Promise<BatchId[]> => {
  const records = await inTurn(names, async (name) => await redis.hmget(name, 'batch', 'until'));
  return records.flatMap(([id, until]) =>
    until === null && typeof id === 'string' && isBatchId(id) ? [id] : [],
  );
};
