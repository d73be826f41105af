// Takes webhook events off their queue, tells some at once, and drains in order at the end.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../shared/logger.ts';
import type { Delivery } from '../../shared/webhook-queue.ts';
import type { HeldJob, JobSource } from '../job-source.ts';
import type { DeliveryRun } from './delivery-run.ts';

export type Courier = {
  start(): Promise<void>;
  /** Takes nothing more, gives what is under way `withinMs` to end, hands back the rest. */
  stop(withinMs: number): Promise<void>;
};

export type CourierDeps = {
  readonly source: JobSource<Delivery>;
  readonly run: DeliveryRun;
  readonly logger: Logger;
  /** Events told at once. */
  readonly places?: number;
};

const pauseAfterErrorMs = 1000;

export const createCourier = ({ source, run, logger, places = 64 }: CourierDeps): Courier => {
  const stopping = new AbortController();
  const underWay = new Map<Promise<void>, AbortController>();
  let loop: Promise<void> = Promise.resolve();

  const takeOne = async (): Promise<void> => {
    if (underWay.size >= places) await Promise.race(underWay.keys());
    if (stopping.signal.aborted) return;
    const held = await source.next();
    if (held === undefined) return;
    if (stopping.signal.aborted) return await held.handBack();
    const abandon = new AbortController();
    const story = runHeld(run, held, { abandon, logger }).finally(() => underWay.delete(story));
    underWay.set(story, abandon);
  };

  const takeUntilStopped = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await takeOne();
      } catch (error) {
        logger.warn({ err: error }, 'no webhook event could be taken');
        await sleep(pauseAfterErrorMs);
      }
    }
  };

  return {
    async start() {
      await source.start();
      loop = takeUntilStopped();
    },
    async stop(withinMs) {
      stopping.abort();
      const drained = loop.then(() => Promise.all(underWay.keys()));
      const patience = new AbortController();
      const outOfPatience = sleep(withinMs, undefined, { signal: patience.signal }).catch(() => {});
      await Promise.race([drained, outOfPatience]);
      patience.abort();
      for (const abandon of underWay.values()) abandon.abort();
      await drained;
      await source.stop();
    },
  };
};

/** One job from its start to its letting go. Never rejects: what failed unexpectedly is tried again later. */
const runHeld = async (
  run: DeliveryRun,
  held: HeldJob<Delivery>,
  { abandon, logger }: { readonly abandon: AbortController; readonly logger: Logger },
): Promise<void> => {
  const { job, lost } = held;
  lost.addEventListener('abort', () => abandon.abort());
  try {
    const end = await run(job, abandon.signal);
    if (lost.aborted) return;
    if (end.is === 'done') await held.done();
    else if (end.is === 'later') await held.laterBy(end.afterMs);
    else await held.handBack();
  } catch (error) {
    logger.error({ err: error, delivery: job }, 'an event could not be told to a webhook');
    await held.laterBy(pauseAfterErrorMs).catch(() => {}); // its lock runs out, and it is taken again
  }
};
