// Gathers results of a batch into segments and records them: soon, together, and for as long as it takes.
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchId, BatchRecord } from '../shared/batch.ts';
import type { BodyStore } from '../shared/body-store.ts';
import type { Logger } from '../shared/logger.ts';
import type { ResultStore } from '../shared/result-store.ts';
import type { StoredResult } from '../shared/result.ts';

export type Recorder = {
  /** `onStored` is called once the result is stored, or found to be stored already, or its batch has ended. */
  record(batch: RecordedBatch, result: StoredResult, onStored: () => void): void;
  /** Removes a body that is in the store already and will be in no result; with its batch at the latest. */
  drop(id: BatchId, ref: string): void;
  /** Records what waits of a batch now, instead of within moments. */
  flush(id: BatchId): void;
  /** Whether so much waits to be stored that no further request may start. */
  isFull(): boolean;
  /** Resolves when so little waits to be stored that more requests may start. */
  hasRoom(): Promise<void>;
};

export type RecordedBatch = Pick<BatchRecord, 'id' | 'generation'>;

export type RecorderDeps = {
  readonly results: ResultStore;
  readonly bodies: BodyStore;
  readonly logger: Logger;
  readonly inlineBodyBytes: number;
};

const segmentResults = 512;
const segmentBytes = 262_144;
const longestWaitMs = 20;
/** Results that may wait for Redis or the body store before no new request starts. */
const unstoredLimit = { results: 2000, bytes: 67_108_864 };

type Segment = {
  readonly results: StoredResult[];
  readonly notifyStored: (() => void)[];
  readonly timer: NodeJS.Timeout;
  readonly generation: number;
  bytes: number;
};

export const createRecorder = (deps: RecorderDeps): Recorder => {
  const open = new Map<BatchId, Segment>();
  const unstored = { results: 0, bytes: 0 };
  let roomWaiters: (() => void)[] = [];

  const isFull = (): boolean =>
    unstored.results >= unstoredLimit.results || unstored.bytes >= unstoredLimit.bytes;
  const count = (results: number, bytes: number): void => {
    unstored.results += results;
    unstored.bytes += bytes;
    if (isFull() || roomWaiters.length === 0) return;
    for (const notify of roomWaiters) notify();
    roomWaiters = [];
  };

  const flush = async (id: BatchId): Promise<void> => {
    const segment = open.get(id);
    if (segment === undefined) return;
    clearTimeout(segment.timer);
    open.delete(id);
    await persist(deps, id, segment);
    count(-segment.results.length, -segment.bytes);
    for (const notify of segment.notifyStored) notify();
  };

  const openSegment = ({ id, generation = 0 }: RecordedBatch): Segment => {
    const timer = setTimeout(() => void flush(id), longestWaitMs);
    const segment: Segment = { results: [], notifyStored: [], timer, generation, bytes: 0 };
    open.set(id, segment);
    return segment;
  };

  const segmentFor = (batch: RecordedBatch): Segment => {
    const segment = open.get(batch.id);
    if (segment?.generation === (batch.generation ?? 0)) return segment;
    void flush(batch.id);
    return openSegment(batch);
  };

  const add = (batch: RecordedBatch, result: StoredResult, bytes: number, onStored: () => void): void => {
    const segment = segmentFor(batch);
    segment.results.push(result);
    segment.bytes += bytes;
    segment.notifyStored.push(onStored);
    if (segment.results.length >= segmentResults || segment.bytes >= segmentBytes) void flush(batch.id);
  };

  const addKeepingBody = async (
    batch: RecordedBatch,
    result: StoredResult,
    bytes: number,
    onStored: () => void,
  ): Promise<void> => {
    const kept = await keepBody(deps, batch.id, result);
    count(0, -bytes);
    add(batch, kept, 0, onStored);
  };

  return {
    record(batch, result, onStored) {
      const bytes = result.body?.inline?.length ?? 0;
      count(1, bytes);
      if (bytes <= deps.inlineBodyBytes) add(batch, result, bytes, onStored);
      else void addKeepingBody(batch, result, bytes, onStored);
    },
    drop: (id, ref) => void deps.bodies.remove(id, ref).catch(ignore),
    flush: (id) => void flush(id),
    isFull,
    hasRoom() {
      if (!isFull()) return Promise.resolve();
      return new Promise((resolve) => {
        roomWaiters.push(resolve);
      });
    },
  };
};

/** The body goes first, so that no result ever points at a body that is not there. */
const keepBody = async (
  { bodies, logger }: RecorderDeps,
  id: BatchId,
  result: StoredResult,
): Promise<StoredResult> => {
  const { inline, ...body } = result.body ?? { wireBytes: 0, bytes: 0, truncated: false };
  if (inline === undefined) return result;
  const ref = await untilDone(
    () => bodies.put(id, result.index, inline),
    logger,
    'a body could not be stored',
  );
  return { ...result, body: { ...body, ref } };
};

const ignore = (): void => undefined;

const persist = async ({ results, logger }: RecorderDeps, id: BatchId, segment: Segment): Promise<void> => {
  const record = (): Promise<unknown> => results.record(id, segment.results, segment.generation);
  await untilDone(record, logger, 'results could not be recorded');
};

const retryDelaysMs = [50, 200, 1000, 2000];

/** Recording is safe to repeat, and giving up would lose what was fetched: so it goes on until it is done. */
const untilDone = async <T>(store: () => Promise<T>, logger: Logger, complaint: string): Promise<T> => {
  for (let failures = 0; ; failures++) {
    try {
      return await store();
    } catch (error) {
      logger.warn({ err: error, failures }, complaint);
      await sleep(retryDelaysMs[Math.min(failures, retryDelaysMs.length - 1)]);
    }
  }
};
