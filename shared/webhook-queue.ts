// The queue of webhook events on their way, apart from that of slices: a slow receiver must not hold up a batch.
import { z } from 'zod';
import { isBatchId, type BatchId } from './batch.ts';
import { openQueue } from './queue.ts';
import type { Redis } from './redis.ts';

export const deliveryQueueName = 'deliveries';

/** The payload of a job: an event of a batch, and how often it had been sent again on request. */
export type Delivery = {
  readonly v: 1;
  readonly batchId: BatchId;
  readonly event: number;
  readonly round: number;
};

const deliverySchema = z.object({
  v: z.literal(1),
  batchId: z.string().refine(isBatchId),
  event: z.int().min(1),
  round: z.int().min(0),
});

/** Reads a job's data; throws a ZodError on a version or shape that is not ours. */
export const parseDelivery = (data: unknown): Delivery => deliverySchema.parse(data);

export type DeliveryQueue = {
  /** Those already there stay as they are. */
  enqueue(deliveries: readonly Delivery[]): Promise<void>;
  close(): Promise<void>;
};

export const createDeliveryQueue = (connection: Redis, prefix: string): DeliveryQueue => {
  const queue = openQueue<Delivery>(deliveryQueueName, connection, prefix);
  return {
    async enqueue(deliveries) {
      await queue.addBulk(
        deliveries.map((data) => ({ name: 'delivery', data, opts: { jobId: jobIdOf(data) } })),
      );
    },
    close: () => queue.close(),
  };
};

/** A fixed id makes adding twice the same as once. */
const jobIdOf = ({ batchId, event, round }: Delivery): string => `${batchId}-${event}-${round}`;
