// A worker's side of the store: take a slice, give it back with what its requests went through.
import { Packr } from 'msgpackr';
import { decodeBatch } from './batch-codec.ts';
import type { BatchId, BatchRecord } from './batch.ts';
import { encodeRuns } from './index-runs.ts';
import type { BatchKeys, Keys } from './keys.ts';
import { runPipeline } from './pipeline.ts';
import { queueKey } from './queue.ts';
import type { Redis } from './redis.ts';
import type { SliceRequest } from './request.ts';
import type { AttemptEntry } from './result.ts';
import { runScript } from './script.ts';
import { claim } from './scripts/claim.ts';
import { release } from './scripts/release.ts';
import { jobIdOf, unpackSlice, type TakenSlice } from './slice.ts';
import { UnknownVersionError } from './unknown-version.ts';

/** What a request went through before this run: its attempts, and when it may be tried again (epoch ms). */
export type History = { readonly attempts: readonly AttemptEntry[]; readonly notBefore: number };

export type ClaimedSlice = {
  readonly batch: BatchRecord;
  /** Those that have no result yet. */
  readonly requests: readonly SliceRequest[];
  readonly histories: ReadonlyMap<number, History>;
};

/** What is known of a slice from the job it was taken with. */
export type Taken = Pick<TakenSlice, 'tag' | 'generation'>;

export type SliceStore = {
  /**
   * Undefined where there is nothing to do: all recorded, or the batch ended, paused or gone, or the job void. `held` while
   * a job that is void by now still runs on some worker. Throws UnknownVersionError, having claimed nothing, where a newer
   * worker is needed.
   */
  claim(id: BatchId, slice: number, taken?: Taken): Promise<ClaimedSlice | 'held' | undefined>;
  /** Its unfinished requests are pending again. */
  release(id: BatchId, slice: number, histories: ReadonlyMap<number, History>): Promise<void>;
};

const packr = new Packr({ useRecords: false });

/** Where the claim script answers with no number of requests. */
const [heldByAnother, runsMissing] = [-1, -2];

export const createSliceStore = (redis: Redis, keys: Keys): SliceStore => {
  const known = createBatchCache();
  const giveBack: SliceStore['release'] = async (id, slice, histories) => {
    const { meta, claims, attempts } = keys.batch(id);
    const packed = histories.size === 0 ? '' : packHistories(histories);
    await runScript(redis, release, [meta, claims, attempts], [slice, packed]);
  };
  return {
    async claim(id, slice, { tag = 0, generation = 0 } = {}) {
      const names = keys.batch(id);
      const claimed = [names.meta, names.index, names.claims, keys.clock, names.slices];
      const jobKey = queueKey(keys.queuePrefix, jobIdOf(id, slice, 0));
      const ask = async (runs: Buffer | ''): Promise<readonly number[]> =>
        (await runScript(redis, claim, claimed, [slice, runs, tag, generation, jobKey])) as number[];
      const cached = known.get(id, generation);
      // In one go: work begins behind it.
      const [read, answer] = await Promise.all([
        readSlice(redis, names, slice, cached === undefined),
        ask(''),
      ]);
      const [toRun = 0] = answer;
      if (toRun === 0 || read.packed === null) return undefined;
      try {
        const batch = cached ?? known.add(decodeBatch(id, read.fields));
        const requests = unpackSlice(read.packed);
        const histories = unpackHistories(read.packedHistories);
        const reply =
          toRun === runsMissing ? await ask(encodeRuns(requests.map(({ index }) => index))) : answer;
        if (reply[0] === heldByAnother) return 'held';
        const unrecorded = pick(requests, reply);
        return batch === undefined || unrecorded.length === 0
          ? undefined
          : { batch, requests: unrecorded, histories };
      } catch (error) {
        if (toRun > 0) await giveBack(id, slice, new Map()); // this build may not know what it has claimed
        throw error;
      }
    },
    release: giveBack,
  };
};

/** Of the requests of a slice those that the claim script named; it names none where it means all. */
const pick = (
  requests: readonly SliceRequest[],
  [count = 0, ...indexes]: readonly number[],
): readonly SliceRequest[] => {
  if (count === requests.length) return requests;
  const named = new Set(indexes);
  return requests.filter(({ index }) => named.has(index));
};

const historiesVersion = 1;

const packHistories = (histories: ReadonlyMap<number, History>): Buffer =>
  packr.pack([historiesVersion, [...histories]]);

const unpackHistories = (packed: Buffer | null): ReadonlyMap<number, History> => {
  if (packed === null) return new Map();
  const [version, histories] = packr.unpack(packed) as [version: number, [number, History][]];
  if (version !== historiesVersion) throw new UnknownVersionError('the attempts of a slice', version);
  return new Map(histories);
};

type ReadSlice = {
  readonly packed: Buffer | null;
  readonly packedHistories: Buffer | null;
  /** Of the meta hash; none where they were not asked for. */
  readonly fields: Readonly<Record<string, string>>;
};

/** In one go: work begins behind it. */
const readSlice = async (
  redis: Redis,
  { meta, slices, attempts }: BatchKeys,
  slice: number,
  withMeta: boolean,
): Promise<ReadSlice> => {
  const pipeline = redis.pipeline();
  pipeline.hgetBuffer(slices, String(slice)).hgetBuffer(attempts, String(slice));
  if (withMeta) pipeline.hgetall(meta);
  const [packed, packedHistories, fields = {}] = await runPipeline(pipeline);
  return { packed, packedHistories, fields } as ReadSlice;
};

const cachedBatches = 1000;

type BatchCache = {
  get(id: BatchId, generation: number): BatchRecord | undefined;
  /** Gives back what it is given. */
  add(batch: BatchRecord | undefined): BatchRecord | undefined;
};

/**
 * What a worker needs of a batch never changes within a generation, so it is read once for each. The counts in it are
 * stale.
 */
const createBatchCache = (): BatchCache => {
  const records = new Map<BatchId, BatchRecord>();
  return {
    get(id, generation) {
      const cached = records.get(id);
      return (cached?.generation ?? 0) >= generation ? cached : undefined;
    },
    add(batch) {
      if (batch === undefined) return undefined;
      if (records.size >= cachedBatches) records.delete(records.keys().next().value ?? batch.id);
      records.set(batch.id, batch);
      return batch;
    },
  };
};
