// Batches, requests and results made for tests.
import { newBatchId, type BatchId, type BatchRecord, type Metadata } from '../../shared/batch.ts';
import { createBatchStore, type BatchStore } from '../../shared/batch-store.ts';
import { toExcerpt } from '../../shared/excerpt.ts';
import { createKeys, type Keys } from '../../shared/keys.ts';
import type { HostLimits } from '../../shared/host-limits.ts';
import type { Redis } from '../../shared/redis.ts';
import type { SliceOptions, SliceRequest } from '../../shared/request.ts';
import type { ResultPage } from '../../shared/result-pages.ts';
import { createResultStore, type ResultStore } from '../../shared/result-store.ts';
import type { NewWebhook } from '../../shared/webhook.ts';
import type { StoredBody, StoredResult } from '../../shared/result.ts';
import { fromColumns } from '../../shared/segment-columns.ts';
import { createSliceStore, type SliceStore } from '../../shared/slice-store.ts';
import { createSuspectStore, type SuspectStore } from '../../shared/suspect-store.ts';

/** A batch that has not begun, unless `more` says otherwise. */
export const batchRecord = (more: Partial<BatchRecord> = {}): BatchRecord => ({
  id: newBatchId(),
  owner: 'anna',
  defaults: {},
  priority: 50,
  counts: { total: 1, pending: 1, running: 0, succeeded: 0, failed: 0, cancelled: 0, expired: 0 },
  tallies: { statuses: new Map(), failures: new Map() },
  slices: 1,
  createdAt: 1,
  expiresAt: 9,
  retentionSeconds: 60,
  ...more,
});

export type Stores = {
  readonly keys: Keys;
  readonly batches: BatchStore;
  readonly results: ResultStore;
  readonly slices: SliceStore;
  readonly suspects: SuspectStore;
};

export const createStores = (redis: Redis, prefix: string): Stores => {
  const keys = createKeys(prefix);
  const batches = createBatchStore(redis, keys);
  return {
    keys,
    batches,
    results: createResultStore(redis, keys),
    slices: createSliceStore(redis, keys),
    suspects: createSuspectStore(redis, keys),
  };
};

export type BatchOptions = {
  readonly owner?: string;
  readonly sliceSize?: number;
  readonly expiresInSeconds?: number;
  readonly retentionSeconds?: number;
  readonly defaults?: SliceOptions;
  readonly priority?: number;
  readonly perHost?: HostLimits;
  readonly notBefore?: number;
  readonly webhook?: NewWebhook;
  readonly metadata?: Metadata;
  readonly url?: (index: number) => string;
  /** What a request says beside its URL. */
  readonly request?: (index: number) => Partial<SliceRequest>;
};

/** Accepts a batch of `total` GETs, slices in index order. */
export const sealBatch = async (
  batches: BatchStore,
  total: number,
  options: BatchOptions = {},
): Promise<BatchRecord> => {
  const {
    owner = 'anna',
    sliceSize = 10,
    expiresInSeconds = 60,
    retentionSeconds = 60,
    defaults = {},
    priority = 50,
    perHost,
    notBefore,
    webhook,
    metadata,
  } = options;
  const id: BatchId = newBatchId();
  const life = { expiresInSeconds, retentionSeconds };
  const batch = { id, owner, defaults, priority, perHost, notBefore, webhook, metadata, ...life };
  const accepted = await batches.accept(batch, sliceUp(total, sliceSize, options));
  if (accepted.is !== 'accepted') throw new Error(accepted.is);
  return accepted.batch;
};

const sliceUp = (total: number, size: number, { url, request }: BatchOptions): SliceRequest[][] =>
  Array.from({ length: Math.ceil(total / size) }, (_, slice) =>
    Array.from({ length: Math.min(size, total - slice * size) }, (__, i) => {
      const index = slice * size + i;
      return { index, url: url?.(index) ?? `http://127.0.0.1:1/${index}`, ...request?.(index) };
    }),
  );

/** A page of results that stand in no segment; the cursor behind each is its index and one. */
export const toPage = (results: readonly StoredResult[], next: number, isLast: boolean): ResultPage => ({
  excerpts: results.length === 0 ? [] : [toExcerpt(results, ({ index }) => index + 1)],
  size: results.length,
  next,
  isLast,
  isGone: false,
});

/** What a page holds, as it was recorded. */
export const resultsOf = ({ excerpts }: ResultPage): StoredResult[] =>
  excerpts.flatMap(({ columns, places }) => {
    const results = fromColumns(columns);
    return places.flatMap((place) => results[place] ?? []);
  });

const plainBody = (text: string): StoredBody => {
  const inline = Buffer.from(text);
  return { inline, wireBytes: inline.length, bytes: inline.length, truncated: false };
};

/** A plain success for one request of a batch made by `sealBatch`. */
export const succeeded = (index: number, slice: number = Math.floor(index / 10)): StoredResult => ({
  index,
  slice,
  url: `http://127.0.0.1:1/${index}`,
  outcome: 'succeeded',
  status: 200,
  headers: ['content-type', 'application/json'],
  body: plainBody(`{"index":${index}}`),
  attempts: [{ startedAt: 1_700_000_000_000, waitMs: 0, totalMs: 4.2, status: 200 }],
  timings: { queueMs: 1, dnsMs: 0, connectMs: 0.3, tlsMs: 0, ttfbMs: 3.1, bodyMs: 0.8, totalMs: 4.2 },
});

export const failed = (index: number, slice?: number): StoredResult => {
  const { status: _, headers: __, body: ___, ...rest } = succeeded(index, slice);
  const failure = { code: 'connect_failed', message: 'connection refused' } as const;
  return {
    ...rest,
    outcome: 'failed',
    failure,
    attempts: [{ startedAt: 1_700_000_000_000, waitMs: 0, totalMs: 4.2, failure }],
  };
};
