// What any worker does for all batches, so that nothing waits for a process that died. Each is safe to do twice.
import type { BatchStore } from '../shared/batch-store.ts';
import type { BodyStore } from '../shared/body-store.ts';
import type { Logger } from '../shared/logger.ts';
import type { LostSlices } from '../shared/lost-slices.ts';
import type { Outbox } from '../shared/outbox.ts';
import type { RetiredBatches } from '../shared/retired-batches.ts';
import { sweepBodies } from './body-sweeper.ts';
import { createDuty, type Duty } from './duty.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

export type DutiesDeps = {
  readonly outbox: Outbox;
  readonly lostSlices: LostSlices;
  readonly batches: BatchStore;
  readonly retired: RetiredBatches;
  readonly bodies: BodyStore;
  readonly webhooks: Pick<Webhooks, 'reconcile'>;
  /** Takes hosts off the list of which nothing is known any more; returns how many. */
  readonly sweepHosts: () => Promise<number>;
  readonly logger: Logger;
};

export const createDuties = ({
  outbox,
  lostSlices,
  batches,
  retired,
  bodies,
  webhooks,
  sweepHosts,
  logger,
}: DutiesDeps): Duty[] => [
  createDuty({
    name: 'dispatch what is due in the outbox',
    everyMs: 1000,
    logger,
    async round() {
      const dispatched = await outbox.reconcile();
      if (dispatched > 0) logger.info({ dispatched }, 'batches were due in the outbox and dispatched');
    },
  }),
  createDuty({
    name: 'end expired batches',
    everyMs: 1000,
    logger,
    async round() {
      await batches.closeExpired();
    },
  }),
  createDuty({
    name: 'put lost slices back on the queue',
    everyMs: 30_000,
    logger,
    async round() {
      const restored = await lostSlices.restore();
      if (restored > 0) logger.warn({ restored }, 'slices were not on the queue any more, and were put back');
    },
  }),
  createDuty({
    name: 'clear away what is left of batches whose retention is over',
    everyMs: 2000,
    logger,
    async round() {
      for (const batch of await retired.find()) {
        await bodies.removeAll(batch.id);
        await retired.forget(batch);
      }
    },
  }),
  createDuty({
    name: 'put webhook events on their queue',
    everyMs: 1000,
    logger,
    async round() {
      await webhooks.reconcile();
    },
  }),
  createDuty({
    name: 'sweep bodies of batches that are gone',
    everyMs: 60_000,
    logger,
    async round() {
      const swept = await sweepBodies(bodies, batches);
      if (swept > 0) logger.info({ swept }, 'bodies of batches that are gone were removed');
    },
  }),
  createDuty({
    name: 'forget hosts that nobody asks any more',
    everyMs: 300_000,
    logger,
    async round() {
      const forgotten = await sweepHosts();
      if (forgotten > 0) logger.debug({ forgotten }, 'hosts that nobody asks any more were forgotten');
    },
  }),
];
