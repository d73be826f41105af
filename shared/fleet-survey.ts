// What the whole fleet has to do and has done, by one look at Redis: for those who operate it.
import { statusOf } from './batch.ts';
import type { BatchId, BatchRecord, BatchStatus } from './batch.ts';
import { decodeBatch } from './batch-codec.ts';
import { highWater, readMemory, memoryIn, type Memory } from './capacity.ts';
import { keepLook } from './kept-look.ts';
import type { Keys } from './keys.ts';
import { countSlices, type SliceCounts } from './queue.ts';
import type { Redis } from './redis.ts';
import { redisNow } from './script.ts';
import { countWorkers } from './worker-roll.ts';

/** How many there are, by state. */
export type Numbers = Readonly<Record<string, number>>;

export type Fleet = {
  /** `ended` are those whose results are kept; `uncounted` those past the first 10,000. */
  readonly batches: Partial<Readonly<Record<BatchStatus | 'ended' | 'uncounted', number>>>;
  /** Of the batches that were counted. */
  readonly requests: { readonly pending: number; readonly running: number };
  readonly slices: SliceCounts;
  /** Batches that are not all on the queue yet, and webhook events that are not settled. */
  readonly outbox: number;
  readonly undelivered: number;
  readonly hosts: number;
  readonly workers: number;
  /** Ever recorded, by outcome, and the failed ones by code too. */
  readonly results: { readonly outcomes: Numbers; readonly failures: Numbers };
  /** `mark` is from where on new batches are turned away. Undefined where the server keeps that to itself. */
  readonly memory: (Memory & { readonly mark: number }) | undefined;
};

export type FleetSurvey = {
  /** At most some seconds old. Rejects where Redis cannot be asked. */
  look(): Promise<Fleet>;
};

const usualFreshMs = 5000;

export const createFleetSurvey = (redis: Redis, keys: Keys, freshMs = usualFreshMs): FleetSurvey => ({
  look: keepLook({ freshMs }, () => survey(redis, keys)),
});

const survey = async (redis: Redis, keys: Keys): Promise<Fleet> => {
  const now = await redisNow(redis);
  const [own, slices, outbox, undelivered, hosts, workers, results, ended, report] = await Promise.all([
    countBatches(redis, keys),
    countSlices(redis, keys.queuePrefix),
    redis.zcard(keys.outbox),
    redis.zcard(keys.undelivered),
    redis.zcard(keys.hosts),
    countWorkers(redis, keys),
    redis.hgetall(keys.results),
    redis.zcount(keys.retained, now, '+inf'),
    readMemory(redis),
  ]);
  const { batches, requests } = own;
  const memory = memoryIn(report);
  return {
    batches: { ...batches, ended },
    requests,
    slices,
    outbox,
    undelivered,
    hosts,
    workers,
    results: sortResults(results),
    memory: memory && { ...memory, mark: highWater * memory.limit },
  };
};

/** Outcomes by their name, failures by what a tally calls them. */
const sortResults = (fields: Readonly<Record<string, string>>): Fleet['results'] => {
  const all = Object.entries(fields).map(([name, count]) => [name, Number(count)] as const);
  const isFailure = ([name]: readonly [string, number]): boolean => name.startsWith('t:');
  const failures = all.filter(isFailure).map(([name, count]) => [name.slice(2), count] as const);
  return {
    outcomes: Object.fromEntries(all.filter((each) => !isFailure(each))),
    failures: Object.fromEntries(failures),
  };
};

const mostBatches = 10_000;
/** Few enough to keep Redis answering others. */
const batchesAtOnce = 500;
/** What status and counts are made of, in every version; metadata may be large. */
const fields =
  'sealed total running succeeded failed cancelled expired startedAt endedAt paused open closedAs'.split(' ');

const countBatches = async (redis: Redis, keys: Keys): Promise<Pick<Fleet, 'batches' | 'requests'>> => {
  const batches = new Map<BatchStatus | 'uncounted', number>();
  const requests = { pending: 0, running: 0 };
  const ids = (await redis.zrange(keys.deadlines, '0', String(mostBatches - 1))) as BatchId[];
  for (let first = 0; first < ids.length; first += batchesAtOnce) {
    for (const batch of await readSome(redis, keys, ids.slice(first, first + batchesAtOnce))) {
      batches.set(statusOf(batch), (batches.get(statusOf(batch)) ?? 0) + 1);
      requests.pending += batch.counts.pending;
      requests.running += batch.counts.running;
    }
  }
  const uncounted = ids.length < mostBatches ? 0 : (await redis.zcard(keys.deadlines)) - ids.length;
  if (uncounted > 0) batches.set('uncounted', uncounted);
  return { batches: Object.fromEntries(batches), requests };
};

const readSome = async (redis: Redis, keys: Keys, ids: readonly BatchId[]): Promise<BatchRecord[]> => {
  const found = await Promise.all(ids.map((id) => redis.hmget(keys.batch(id).meta, ...fields)));
  return found.flatMap((values, i) => {
    const known = fields.flatMap((name, at) => (values[at] === null ? [] : [[name, values[at]]]));
    const batch = decodeBatch(ids[i] as BatchId, Object.fromEntries(known) as Record<string, string>);
    return batch === undefined || batch.endedAt !== undefined ? [] : [batch];
  });
};
