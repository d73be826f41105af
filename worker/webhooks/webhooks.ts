// A worker's part in webhooks, put together: events go from the outbox on their queue, and from there to receivers.
import type { BatchStore } from '../../shared/batch-store.ts';
import { createJobLocks } from '../../shared/job-locks.ts';
import type { Keys } from '../../shared/keys.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Redis } from '../../shared/redis.ts';
import { createDeliveryStore } from '../../shared/webhook-delivery-store.ts';
import { createWebhookOutbox } from '../../shared/webhook-outbox.ts';
import { createDeliveryQueue, deliveryQueueName, parseDelivery } from '../../shared/webhook-queue.ts';
import { createJobSource } from '../job-source.ts';
import type { Attempt } from '../outcome.ts';
import { createCourier } from './courier.ts';
import { createDeliveryRun } from './delivery-run.ts';

export type Webhooks = {
  start(): Promise<void>;
  /** There may be new events: puts them on their queue, soon, and never fails. */
  wake(): void;
  /** What has waited for too long, new or lost, goes on the queue. To be called now and then. */
  reconcile(): Promise<number>;
  /** Tells nothing more, and hands back what does not end within this time. */
  stop(withinMs: number): Promise<void>;
  /** After `stop`, when nothing calls `reconcile` or `wake` any more. */
  close(): Promise<void>;
};

export type WebhooksDeps = {
  readonly redis: Redis;
  /** For BullMQ. */
  readonly connection: Redis;
  readonly keys: Keys;
  readonly batches: BatchStore;
  readonly attempt: Attempt;
  /** Of the service. */
  readonly secrets: readonly string[];
  /** Of the worker. */
  readonly name: string;
  readonly logger: Logger;
  /** Epoch ms, the same for all workers. */
  readonly now: () => number;
  readonly lockMs?: number;
  readonly stalledCheckMs?: number;
};

export const createWebhooks = (deps: WebhooksDeps): Webhooks => {
  const { redis, connection, keys, batches, attempt, secrets, logger, now } = deps;
  const prefix = keys.queuePrefix;
  const queue = createDeliveryQueue(connection, prefix);
  const outbox = createWebhookOutbox(redis, keys, queue);
  const store = createDeliveryStore(redis, keys);
  const run = createDeliveryRun({
    batches,
    store,
    attempt,
    secrets,
    logger,
    now,
    random: Math.random,
  });
  const source = createJobSource({
    ...deps,
    prefix,
    jobLocks: createJobLocks(redis, keys, deliveryQueueName),
    queueName: deliveryQueueName,
    noun: 'webhook event',
    read: parseDelivery,
  });
  const courier = createCourier({ source, run, logger });
  const waker = createWaker(async () => void (await outbox.reconcile()), logger);
  return {
    start: () => courier.start(),
    wake: () => waker.wake(),
    reconcile: () => outbox.reconcile(),
    stop: (withinMs) => courier.stop(withinMs),
    async close() {
      await waker.idle();
      await queue.close();
    },
  };
};

/** Runs one round at a time, and another after it where it was woken meanwhile. */
const createWaker = (round: () => Promise<void>, logger: Logger): { wake(): void; idle(): Promise<void> } => {
  let current: Promise<void> | undefined;
  let isWoken = false;
  const runRounds = async (): Promise<void> => {
    while (isWoken) {
      isWoken = false;
      await round().catch((error: unknown) => logger.warn({ err: error }, 'webhook events are queued later'));
    }
    current = undefined;
  };
  return {
    wake() {
      isWoken = true;
      current ??= runRounds();
    },
    idle: () => current ?? Promise.resolve(),
  };
};
