// What must be true: everything Redis is to hold of a few batches, kept in memory. Times are ms on a clock that only jumps.
import type { BatchId } from '../../shared/batch.ts';
import type { IdempotencyClaim } from '../../shared/idempotency-store.ts';
import type { BatchKeys, Keys } from '../../shared/keys.ts';
import type { SliceRequest } from '../../shared/request.ts';
import type { StoredResult } from '../../shared/result.ts';
import { createJobs, unlock, type Jobs } from './jobs.ts';

/** The record of a batch by the names of its fields; a field that is absent is undefined. */
export type Meta = {
  /** What it was submitted with, as it was written. */
  readonly given: Readonly<Record<string, string>>;
  sealed: 0 | 1;
  total?: number | undefined;
  sliceCount?: number | undefined;
  createdAt?: number | undefined;
  expiresAt?: number | undefined;
  startedAt?: number | undefined;
  endedAt?: number | undefined;
  closedAs?: string | undefined;
  cancelled?: number | undefined;
  expired?: number | undefined;
  running?: number | undefined;
  succeeded?: number | undefined;
  failed?: number | undefined;
  segments?: number | undefined;
  paused?: 1 | undefined;
  resumedBy?: string | undefined;
  generation?: number | undefined;
  retry?: string | undefined;
  retryGeneration?: number | undefined;
  expiresInMs?: number | undefined;
  startTag?: number | undefined;
  tagSpacing?: number | undefined;
  progress?: string | undefined;
  progressAt?: number | undefined;
  notBefore?: number | undefined;
  paceAt?: number | undefined;
  paceDone?: number | undefined;
  paceBefore?: number | undefined;
  paceBeforeMs?: number | undefined;
  open?: 1 | undefined;
  duplicates?: number | undefined;
  /** How many slices of an open batch are on the queue, or were. */
  linedUp?: number | undefined;
  appender?: string | undefined;
  appendUntil?: number | undefined;
  /** Number of the slice after the last that was saved of an append. */
  staged?: number | undefined;
  lastAppend?: string | undefined;
  /** Results by their status and by their failure, as in shared/tally.ts. */
  [tally: `t:${string}`]: number | undefined;
};

export const timeFields = [
  'createdAt',
  'expiresAt',
  'startedAt',
  'endedAt',
  'progressAt',
  'notBefore',
  'paceAt',
  'appendUntil',
] as const;

/** No batch of the model has a webhook. */
export type Part = Exclude<keyof BatchKeys, 'all' | 'channel' | 'webhooks'>;
export const parts: readonly Part[] = [
  'meta',
  'slices',
  'index',
  'segments',
  'claims',
  'attempts',
  'suspects',
  'appended',
  'appends',
];

export type ModelBatch = {
  readonly id: BatchId;
  /** Its keys, in the order of `parts`. */
  readonly all: readonly string[];
  meta: Meta | undefined;
  /** Its number → the indexes that stand ahead of it; none do where an earlier version wrote it. */
  readonly slices: Map<string, readonly number[] | undefined>;
  /** Locators, as in shared/locator.ts. */
  index: number[];
  readonly segments: Map<number, readonly StoredResult[]>;
  readonly claims: Map<string, number>;
  readonly attempts: Set<string>;
  readonly suspects: Map<string, string>;
  /** Locators of an append that is under way. */
  appended: number[];
  /** What an append is known by → how many requests it had, and its digest. */
  readonly appends: Map<string, string>;
  /** When a part vanishes by itself. */
  readonly vanishes: Map<Part, number>;
};

export type IdempotencyKey = {
  fingerprint: string;
  batch: string;
  until: number | undefined;
  digest: string | undefined;
  vanishes: number;
};

export type Holding = {
  readonly batchId: BatchId;
  readonly slice: number;
  readonly generation: number;
  readonly stalls: number;
  readonly requests: readonly SliceRequest[];
};

export type Begun = { readonly batchId: BatchId; readonly claim: IdempotencyClaim | undefined };

export type World = {
  now: number;
  /** Epoch ms that the clock of Redis showed last. */
  redisNow: number;
  readonly keys: Keys;
  readonly batches: Map<string, ModelBatch>;
  readonly outbox: Map<string, number>;
  readonly deadlines: Map<string, number>;
  readonly unfinished: Set<string>;
  /** `<owner>:<batch id>` → when it has gone. */
  readonly retained: Map<string, number>;
  /** Key of an owner's batches → their ids. */
  readonly listed: Map<string, Set<string>>;
  /** How many results there have been of all batches, by outcome and failure. */
  readonly results: Map<string, number>;
  clock: number | undefined;
  readonly idempotency: Map<string, IdempotencyKey>;
  readonly workers: Map<string, number>;
  truce: number | undefined;
  /** Until when nobody looks for jobs whose locks have run out. */
  looked: number | undefined;
  /** Workers that listen to their channel. */
  readonly listening: Set<string>;
  readonly jobs: Jobs;
  /** Batches of which a fault took a job off the queue. */
  readonly bereft: Set<string>;
  /** What workers held at some time: one that was frozen may go on with it whenever it wakes. */
  readonly held: Holding[];
  /** What APIs began to write at some time: one that heard of no end may give it up whenever it wakes. */
  readonly begun: Begun[];
  /** Batches that were removed. */
  readonly gone: Set<string>;
  /** Claim of a client → batches it was told of. */
  readonly told: Map<string, Set<string>>;
};

export const createWorld = (keys: Keys, redisNow: number): World => ({
  now: 0,
  redisNow,
  keys,
  batches: new Map(),
  outbox: new Map(),
  deadlines: new Map(),
  unfinished: new Set(),
  retained: new Map(),
  listed: new Map(),
  results: new Map(),
  clock: undefined,
  idempotency: new Map(),
  workers: new Map(),
  truce: undefined,
  looked: undefined,
  listening: new Set(),
  jobs: createJobs(),
  bereft: new Set(),
  held: [],
  begun: [],
  gone: new Set(),
  told: new Map(),
});

/** The batch of an id, as yet unknown or not. */
export const batchOf = (world: World, id: string): ModelBatch => {
  const known = world.batches.get(id);
  if (known !== undefined) return known;
  const keys = world.keys.batch(id as BatchId);
  const batch: ModelBatch = {
    id: id as BatchId,
    all: parts.map((part) => keys[part]),
    meta: undefined,
    slices: new Map(),
    index: [],
    segments: new Map(),
    claims: new Map(),
    attempts: new Set(),
    suspects: new Map(),
    appended: [],
    appends: new Map(),
    vanishes: new Map(),
  };
  world.batches.set(id, batch);
  return batch;
};

export const isThere = (batch: ModelBatch, part: Part): boolean => {
  if (part === 'meta') return batch.meta !== undefined;
  return part === 'index' || part === 'appended' ? batch[part].length > 0 : batch[part].size > 0;
};

export const drop = (batch: ModelBatch, ...dropped: readonly Part[]): void => {
  for (const part of dropped) {
    if (part === 'meta') batch.meta = undefined;
    else if (part === 'index' || part === 'appended') batch[part] = [];
    else batch[part].clear();
    batch.vanishes.delete(part);
  }
};

/** Those of a batch that is accepted and has not ended; undefined for any other. */
export const unended = (batch: ModelBatch): Meta | undefined =>
  batch.meta?.sealed === 1 && batch.meta.endedAt === undefined ? batch.meta : undefined;

/** What may vanish by now does. */
export const moveClock = (world: World, ms: number): void => {
  world.now += ms;
  for (const batch of world.batches.values()) {
    for (const [part, at] of batch.vanishes) if (at <= world.now) drop(batch, part);
  }
  for (const [key, { vanishes }] of world.idempotency) {
    if (vanishes <= world.now) world.idempotency.delete(key);
  }
  if (world.truce !== undefined && world.truce <= world.now) world.truce = undefined;
  if (world.looked !== undefined && world.looked <= world.now) world.looked = undefined;
  unlock(world.jobs, world.now);
};
