// The webhook of a batch as its user sees it: its events, what became of them, and sending one again.
import { randomUUID } from 'node:crypto';
import type { BatchId } from './batch.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { runScript } from './script.ts';
import { resendEvent } from './scripts/resend-event.ts';
import {
  decodeDeliveryAttempts,
  decodeWebhookEvent,
  undeliveredName,
  type DeliveryRecord,
  type DeliveryStatus,
} from './webhook-event.ts';

export type WebhookPage = {
  /** Of the batch, oldest first. */
  readonly events: readonly DeliveryRecord[];
  readonly isLast: boolean;
  /** Whether the receiver has said that it wants nothing more. */
  readonly isGone: boolean;
};

export type WebhookLog = {
  /** Events with numbers above `after`, `limit` at most. */
  page(id: BatchId, query: { readonly after: number; readonly limit: number }): Promise<WebhookPage>;
  get(id: BatchId, number: number): Promise<DeliveryRecord | undefined>;
  /** A new round of attempts, whatever became of the former; false where there is no such event. */
  resend(id: BatchId, number: number): Promise<boolean>;
};

export const createWebhookLog = (redis: Redis, keys: Keys): WebhookLog => ({
  async page(id, { after, limit }) {
    const [counted, gone] = await redis.hmget(keys.batch(id).meta, 'webhookCount', 'webhookGone');
    const last = Math.min(Number(counted ?? 0), after + limit);
    const numbers = Array.from({ length: Math.max(0, last - after) }, (_, i) => after + 1 + i);
    const events = await read(redis, keys.batch(id).webhooks, numbers);
    return { events, isLast: last >= Number(counted ?? 0), isGone: gone !== null };
  },
  async get(id, number) {
    return (await read(redis, keys.batch(id).webhooks, [number]))[0];
  },
  async resend(id, number) {
    const { webhooks, meta } = keys.batch(id);
    const args = [number, randomUUID(), undeliveredName(id, number)];
    return (await runScript(redis, resendEvent, [webhooks, meta, keys.undelivered], args)) === 1;
  },
});

const fieldsOf = (number: number): string[] => [
  `${number}`,
  `${number}:status`,
  `${number}:next`,
  `${number}:log`,
];

const read = async (redis: Redis, key: string, numbers: readonly number[]): Promise<DeliveryRecord[]> => {
  if (numbers.length === 0) return [];
  const values = await redis.hmget(key, ...numbers.flatMap(fieldsOf));
  return numbers.flatMap((number, i) => {
    const [event, status, next, log] = values.slice(i * 4, i * 4 + 4);
    if (event === null || event === undefined) return [];
    return [
      {
        ...decodeWebhookEvent(number, event),
        status: (status ?? 'pending') as DeliveryStatus,
        attempts: decodeDeliveryAttempts(log ?? ''),
        ...(typeof next === 'string' && { nextAttemptAt: Number(next) }),
      },
    ];
  });
};
