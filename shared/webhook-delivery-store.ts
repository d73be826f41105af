// A worker's side of webhooks: may an event be told, to whom, signed with what; and what the attempt came to.
import type { BatchId } from './batch.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { runScript } from './script.ts';
import { claimDelivery } from './scripts/claim-delivery.ts';
import { noteDelivery } from './scripts/note-delivery.ts';
import {
  decodeWebhookEvent,
  encodeDeliveryAttempt,
  undeliveredName,
  type DeliveryAttempt,
  type DeliveryStatus,
  type WebhookEvent,
} from './webhook-event.ts';
import type { Delivery } from './webhook-queue.ts';
import type { WebhookSecrets } from './webhook.ts';

export type DeliveryClaim =
  | { readonly is: 'tell'; readonly event: WebhookEvent; readonly tries: number }
  | { readonly is: 'later'; readonly afterMs: number }
  | { readonly is: 'done' };

/** What an attempt made of its event; `afterMs` until the next where it is pending. */
export type DeliveryVerdict = {
  readonly status: DeliveryStatus;
  readonly afterMs?: number;
  /** The receiver wants to hear nothing more of this batch. */
  readonly isGone?: boolean;
};

export type DeliveryStore = {
  /** Holds the events of the batch for the attempt of this name, for `withinMs` at most. */
  claim(delivery: Delivery, attempt: string, withinMs: number): Promise<DeliveryClaim>;
  /** Ends what `claim` began. */
  note(
    delivery: Delivery,
    attempt: string,
    came: { readonly entry: DeliveryAttempt; readonly verdict: DeliveryVerdict },
  ): Promise<void>;
  /** Ends what `claim` began, as if there had been no attempt. */
  giveUp(delivery: Delivery, attempt: string): Promise<void>;
  secrets(id: BatchId): Promise<WebhookSecrets>;
};

export const createDeliveryStore = (redis: Redis, keys: Keys): DeliveryStore => {
  const namesOf = (id: BatchId): string[] => [keys.batch(id).webhooks, keys.batch(id).meta, keys.undelivered];
  return {
    async claim({ batchId, event, round }, attempt, withinMs) {
      const args = [event, round, attempt, withinMs, undeliveredName(batchId, event)];
      const reply = await runScript(redis, claimDelivery, namesOf(batchId), args);
      const [is, first, tries] = reply as [DeliveryClaim['is'], string | number, number];
      if (is === 'tell') return { is, event: decodeWebhookEvent(event, String(first)), tries };
      return is === 'later' ? { is, afterMs: Number(first) } : { is: 'done' };
    },
    async note({ batchId, event, round }, attempt, { entry, verdict }) {
      const { status, afterMs = 0, isGone = false } = verdict;
      const about = [status, Math.ceil(afterMs), undeliveredName(batchId, event), isGone ? 1 : ''];
      const args = [event, round, attempt, encodeDeliveryAttempt(entry), ...about];
      await runScript(redis, noteDelivery, namesOf(batchId), args);
    },
    async giveUp({ batchId, event, round }, attempt) {
      const args = [event, round, attempt, '', '', 0, undeliveredName(batchId, event), ''];
      await runScript(redis, noteDelivery, namesOf(batchId), args);
    },
    async secrets(id) {
      const [secret, headers] = await redis.hmget(keys.batch(id).meta, 'webhookSecret', 'webhookHeaders');
      return {
        ...(typeof secret === 'string' && { secret }),
        ...(typeof headers === 'string' && { headers: JSON.parse(headers) as WebhookSecrets['headers'] }),
      };
    },
  };
};
