// An event of a batch's webhook: what happened, and what became of telling it. Pure.
import type { BatchId, Counts } from './batch.ts';
import type { Failure } from './failure.ts';
import type { WebhookEventType } from './webhook.ts';

/** Events of a batch are numbered from 1, in the order in which they happened. */
export type WebhookEvent = {
  readonly number: number;
  readonly type: WebhookEventType;
  /** When it happened, epoch ms, and what the batch was then. */
  readonly at: number;
  readonly startedAt?: number;
  readonly counts: Counts;
};

/**
 * `pending` until it is settled: `delivered`; `failed`, when no attempt is left; or `abandoned`, since the receiver is gone,
 * or, for progress, something newer is to be told.
 */
export const deliveryStatuses = ['pending', 'delivered', 'failed', 'abandoned'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** One try at telling an event: `status` is that of the response, `failure` why there was none. */
export type DeliveryAttempt = {
  /** Epoch ms. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly status?: number;
  readonly failure?: Failure;
};

/** What is known of telling an event; the attempts are the latest ones, oldest first. */
export type DeliveryRecord = WebhookEvent & {
  readonly status: DeliveryStatus;
  readonly attempts: readonly DeliveryAttempt[];
  /** Epoch ms; set while it is pending and was tried before. */
  readonly nextAttemptAt?: number;
};

/** `evt_`, what the id of its batch has after `bat_`, and its number. */
export const webhookEventId = (batchId: BatchId, number: number): string =>
  `evt_${batchId.slice('bat_'.length)}-${number}`;

/** The number of the event that `text` names, where it is of this batch. */
export const webhookEventNumber = (batchId: BatchId, text: string): number | undefined => {
  const number = Number(/-([1-9]\d{0,8})$/.exec(text)?.[1]);
  return text === webhookEventId(batchId, number) ? number : undefined;
};

/** An event among the undelivered of all batches (keys.ts). */
export const undeliveredName = (batchId: BatchId, number: number): string => `${batchId}:${number}`;

/** Reads what scripts/tell-webhook.ts has written. */
export const decodeWebhookEvent = (number: number, text: string): WebhookEvent => {
  const [type, at, startedAt, counted] = JSON.parse(text) as [WebhookEventType, number, number, number[]];
  const [total = 0, running = 0, succeeded = 0, failed = 0, cancelled = 0, expired = 0] = counted;
  const pending = total - running - succeeded - failed - cancelled - expired;
  return {
    number,
    type,
    at,
    ...(startedAt > 0 && { startedAt }),
    counts: { total, pending, running, succeeded, failed, cancelled, expired },
  };
};

export const encodeDeliveryAttempt = (attempt: DeliveryAttempt): string => JSON.stringify(attempt);

/** Attempts, a line each. */
export const decodeDeliveryAttempts = (lines: string): DeliveryAttempt[] =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as DeliveryAttempt);
