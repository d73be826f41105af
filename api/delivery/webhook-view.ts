// The webhook of a batch as its user sees it, and what became of its events. Pure; shows nothing that is secret.
import type { BatchId, BatchRecord } from '../../shared/batch.ts';
import type { Failure } from '../../shared/failure.ts';
import {
  webhookEventId,
  type DeliveryAttempt,
  type DeliveryRecord,
  type DeliveryStatus,
} from '../../shared/webhook-event.ts';
import type { WebhookPage } from '../../shared/webhook-log.ts';
import type { WebhookEventType } from '../../shared/webhook.ts';
import { batchPath } from './batch-view.ts';

export type WebhookView = {
  /** Null where the batch has none. */
  readonly webhook: {
    readonly url: string;
    readonly events: readonly WebhookEventType[];
    readonly progressPercent: number | null;
    /** The receiver has answered 410: it is told nothing more. */
    readonly isGone: boolean;
  } | null;
  /** Oldest first. */
  readonly events: readonly WebhookEventView[];
  /** The `after` of the next page; null on the last. */
  readonly next: string | null;
};

export type WebhookEventView = {
  /** The `webhook-id` that it is sent with. */
  readonly id: string;
  readonly type: WebhookEventType;
  readonly createdAt: string;
  readonly status: DeliveryStatus;
  readonly attempts: readonly WebhookAttemptView[];
  readonly nextAttemptAt: string | null;
  readonly links: { readonly resend: string };
};

export type WebhookAttemptView = {
  readonly startedAt: string;
  readonly durationMs: number;
  /** Of the response; null where none came. */
  readonly status: number | null;
  readonly failure: Failure | null;
};

export const toWebhookView = ({ id, webhook }: BatchRecord, page: WebhookPage): WebhookView => {
  const events = page.events.map((event) => toWebhookEventView(id, event));
  return {
    webhook:
      webhook === undefined
        ? null
        : { ...webhook, progressPercent: webhook.progressPercent ?? null, isGone: page.isGone },
    events,
    next: page.isLast ? null : (events.at(-1)?.id ?? null),
  };
};

export const toWebhookEventView = (batchId: BatchId, event: DeliveryRecord): WebhookEventView => {
  const id = webhookEventId(batchId, event.number);
  return {
    id,
    type: event.type,
    createdAt: iso(event.at),
    status: event.status,
    attempts: event.attempts.map(toAttemptView),
    nextAttemptAt: event.nextAttemptAt === undefined ? null : iso(event.nextAttemptAt),
    links: { resend: `${batchPath(batchId)}/webhooks/${id}/resend` },
  };
};

const toAttemptView = ({ startedAt, durationMs, status, failure }: DeliveryAttempt): WebhookAttemptView => ({
  startedAt: iso(startedAt),
  durationMs,
  status: status ?? null,
  failure: failure ?? null,
});

const iso = (epochMs: number): string => new Date(epochMs).toISOString();
