// Webhook events that are not settled: puts them on their queue, and again where the queue has lost them.
import type { BatchId } from './batch.ts';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { redisNow, runScript } from './script.ts';
import { takeDue } from './scripts/take-due.ts';
import { undeliveredName } from './webhook-event.ts';
import type { Delivery, DeliveryQueue } from './webhook-queue.ts';

export type WebhookOutbox = {
  /** Puts on the queue what is due, new or overdue, until nothing is left; returns how many. May run any number of times. */
  reconcile(): Promise<number>;
};

const eventsPerRound = 100;
/** How long an event may be on the queue before it is added again, which does nothing where it is there. */
const patienceMs = 60_000;

export const createWebhookOutbox = (redis: Redis, keys: Keys, queue: DeliveryQueue): WebhookOutbox => ({
  async reconcile() {
    let count = 0;
    for (;;) {
      const due = (await runScript(redis, takeDue, [keys.undelivered], [eventsPerRound])) as string[];
      if (due.length > 0) await dispatch(redis, keys, queue, due);
      count += due.length;
      if (due.length < eventsPerRound) return count;
    }
  },
});

const dispatch = async (
  redis: Redis,
  keys: Keys,
  queue: DeliveryQueue,
  names: readonly string[],
): Promise<void> => {
  const found = await Promise.all(names.map((name) => findDelivery(redis, keys, name)));
  const gone = names.filter((_, i) => found[i] === undefined);
  if (gone.length > 0) await redis.zrem(keys.undelivered, ...gone);
  const deliveries = found.filter((each) => each !== undefined);
  if (deliveries.length === 0) return;
  await queue.enqueue(deliveries);
  const lookAgainAt = (await redisNow(redis)) + patienceMs;
  const scores = deliveries.flatMap(({ batchId, event }) => [lookAgainAt, undeliveredName(batchId, event)]);
  await redis.zadd(keys.undelivered, 'XX', ...scores);
};

/** Undefined where the batch is gone, or the event settled. */
const findDelivery = async (redis: Redis, keys: Keys, name: string): Promise<Delivery | undefined> => {
  const [id = '', number = ''] = name.split(':');
  const batchId = id as BatchId;
  const fields = [number, `${number}:status`, `${number}:round`];
  const [event, status, round] = await redis.hmget(keys.batch(batchId).webhooks, ...fields);
  if (event === null || status !== null) return undefined;
  return { v: 1, batchId, event: Number(number), round: Number(round ?? 0) };
};
