// The batch: its counts, its status (always derived), and the record the store keeps. Knows nothing of Redis or HTTP.
import { V7Generator } from 'uuidv7';
import type { HostLimits } from './host-limits.ts';
import type { SliceOptions } from './request.ts';
import type { Tallies } from './tally.ts';
import type { NewWebhook, Webhook } from './webhook.ts';

declare const batchId: unique symbol;
/** `bat_` and a UUIDv7: sorts by time of creation. */
export type BatchId = string & { readonly [batchId]: true };

/** `at` is epoch ms; without it, the time is that of this process. */
export const newBatchId = (at?: number): BatchId =>
  `bat_${(at === undefined ? ids.generate() : ids.generateOrResetWithTs(at)).toString()}` as BatchId;

const ids = new V7Generator();

export const batchIdPattern = /^bat_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** True for text that has the shape of a batch id; says nothing of whether the batch exists. */
export const isBatchId = (text: string): text is BatchId => batchIdPattern.test(text);

/** How many requests are where. The last six always sum to `total`. */
export type Counts = {
  readonly total: number;
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly expired: number;
};

export const batchStatuses = [
  'open',
  'queued',
  'running',
  'paused',
  'cancelling',
  'completed',
  'cancelled',
  'expired',
] as const;
export type BatchStatus = (typeof batchStatuses)[number];

/** JSON values a user hangs on a batch. */
export type Metadata = Readonly<Record<string, unknown>>;

/** How much a batch matters beside others, from 0 to 100; higher goes first. */
export const maxPriority = 100;
export const defaultPriority = 50;

/** How it has gone of late: a window that is being counted, and the one before it, if there was one. */
export type Pace = {
  /** When the window began, epoch ms, and how many requests had ended by then. */
  readonly at: number;
  readonly done: number;
  readonly before?: { readonly done: number; readonly lastedMs: number };
};

/** What is known of a batch; times are epoch ms, durations seconds. */
export type BatchRecord = {
  readonly id: BatchId;
  /** The API key's name that submitted it. */
  readonly owner: string;
  readonly name?: string;
  readonly metadata?: Metadata;
  readonly defaults: SliceOptions;
  readonly priority: number;
  /** Tighter limits for every host of this batch, over all workers. */
  readonly perHost?: HostLimits;
  /** No slice of it goes on the queue before this. */
  readonly notBefore?: number;
  readonly webhook?: Webhook;
  /** How often it was lined up anew, to go on or to be retried; absent for never. */
  readonly generation?: number;
  readonly counts: Counts;
  readonly tallies: Tallies;
  readonly pace?: Pace;
  /** How many requests were left out, being like others; absent where nobody looked. */
  readonly duplicates?: number;
  /** How many slices it was cut into. */
  readonly slices: number;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** When what is left ends as `expired`. */
  readonly expiresAt: number;
  /** How long everything is kept after the end. */
  readonly retentionSeconds: number;
  readonly isPaused?: boolean;
  /** More requests may be appended; it does not end before it is sealed. */
  readonly isOpen?: boolean;
  /** Set where the batch was ended before its requests were. */
  readonly closedAs?: 'cancelled' | 'expired';
};

/** What a new batch is known by before its requests are saved. Durations in seconds, `notBefore` in epoch ms. */
export type NewBatch = {
  readonly id: BatchId;
  readonly owner: string;
  readonly name?: string | undefined;
  readonly metadata?: Metadata | undefined;
  readonly defaults: SliceOptions;
  readonly priority: number;
  readonly perHost?: HostLimits | undefined;
  readonly notBefore?: number | undefined;
  readonly webhook?: NewWebhook | undefined;
  readonly isOpen?: boolean | undefined;
  /** How many requests were left out, being like others; known at the end. */
  readonly duplicates?: number | undefined;
  readonly expiresInSeconds: number;
  readonly retentionSeconds: number;
};

/** The one place where a status comes from. */
export const statusOf = (batch: BatchRecord): BatchStatus => {
  if (batch.endedAt !== undefined) return batch.closedAs ?? 'completed';
  if (batch.isPaused === true) return 'paused';
  if (batch.isOpen === true) return 'open';
  return batch.startedAt === undefined ? 'queued' : 'running';
};

export const isTerminal = (batch: BatchRecord): boolean => batch.endedAt !== undefined;
