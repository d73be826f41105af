// The webhook of a batch as its user sees it, and what became of its events. Pure; shows nothing that is secret.
import { z } from 'zod';
import type { BatchId, BatchRecord } from '../../shared/batch.ts';
import {
  deliveryStatuses,
  webhookEventId,
  type DeliveryAttempt,
  type DeliveryRecord,
} from '../../shared/webhook-event.ts';
import type { WebhookPage } from '../../shared/webhook-log.ts';
import { webhookEventTypes } from '../../shared/webhook.ts';
import { batchPath } from './batch-view.ts';
import { failureSchema } from './result-schema.ts';

const attemptSchema = z.object({
  startedAt: z.iso.datetime(),
  durationMs: z.number().min(0),
  status: z.int().nullable().describe('Of the response; null where none came.'),
  failure: failureSchema.nullable(),
});

export const webhookEventSchema = z.object({
  id: z.string().describe('The `webhook-id` that it is sent with.'),
  type: z.enum(webhookEventTypes),
  createdAt: z.iso.datetime(),
  status: z.enum(deliveryStatuses),
  attempts: z.array(attemptSchema).describe('The latest, where they are many.'),
  nextAttemptAt: z.iso.datetime().nullable(),
  links: z.object({ resend: z.string() }),
});

export const webhookViewSchema = z.object({
  webhook: z
    .object({
      url: z.string(),
      events: z.array(z.enum(webhookEventTypes)).readonly(),
      progressPercent: z.int().nullable(),
      isGone: z.boolean().describe('The receiver has answered 410: it is told nothing more.'),
    })
    .nullable()
    .describe('Null where the batch has none.'),
  events: z.array(webhookEventSchema).describe('Oldest first.'),
  next: z.string().nullable().describe('The `after` of the next page; null on the last.'),
});

export type WebhookView = Readonly<z.output<typeof webhookViewSchema>>;
export type WebhookEventView = Readonly<z.output<typeof webhookEventSchema>>;
type WebhookAttemptView = WebhookEventView['attempts'][number];

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
