// Takes slices as long as there is room for their requests, runs them, and lets them go. Drains in order at the end.
import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { BatchId } from '../shared/batch.ts';
import type { Logger } from '../shared/logger.ts';
import { isRedisOutage } from '../shared/redis-outage.ts';
import type { Parking } from './hosts/parking.ts';
import { createNewerWork, leaveForMs } from './newer-work.ts';
import type { Permits } from './permits.ts';
import type { SliceRun } from './slice-run.ts';
import type { HeldSlice, SliceSource } from './slice-source.ts';

export type Consumer = {
  start(): Promise<void>;
  /** Takes nothing more, gives what runs `graceMs` to end, hands back the rest. */
  stop(graceMs: number): Promise<void>;
  /** Takes a slice of a batch that has just come, unless it has one, even where the line is long: its turn is now. */
  welcome(id: BatchId): Promise<void>;
  /** Ends what is in flight for a batch that has ended. */
  abandon(id: BatchId): void;
  /** Starts nothing more of a batch that was paused, and ends what may be repeated. */
  pause(id: BatchId): void;
};

export type ConsumerDeps = {
  readonly source: SliceSource;
  readonly run: SliceRun;
  readonly permits: Permits;
  readonly parking: Pick<Parking, 'park'>;
  /** Whether a slice of the batch is the next that would be taken. */
  readonly isNext: (id: BatchId) => Promise<boolean>;
  readonly logger: Logger;
  /** Requests that may wait for a permit before no further slice is taken. */
  readonly lookAhead: number;
};

type Running = {
  readonly batchId: BatchId;
  readonly abandon: AbortController;
  readonly interrupt: AbortController;
  /** Its requests are in line, or nobody is to wait for that any more. */
  readonly onJoined: () => void;
};

const pauseAfterErrorMs = 1000;
/** A parked slice is called back when its host has room; should that call get lost, it comes by itself. */
const parkedMs = { least: 120_000, spread: 120_000 };

export const createConsumer = (deps: ConsumerDeps): Consumer => {
  const { source, permits, logger, lookAhead } = deps;
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const running = new Map<Promise<void>, Running>();
  let loop: Promise<void> = Promise.resolve();
  const guest = { isHere: false, notify: (): void => {} };
  const guestComes = (): Promise<void> =>
    new Promise((notify) => {
      guest.notify = notify;
    });

  const isNewerWork = createNewerWork(logger);
  const trouble = { isHere: false };
  const onTrouble = (): void => {
    trouble.isHere = true;
  };

  const takeOne = async (): Promise<void> => {
    if (trouble.isHere) await sleep(pauseAfterErrorMs);
    trouble.isHere = false;
    if (!guest.isHere) await Promise.race([permits.lineShorterThan(lookAhead), guestComes()]);
    guest.isHere = false;
    const held = await source.next();
    if (held === undefined) return;
    const [abandon, interrupt] = [new AbortController(), new AbortController()];
    setMaxListeners(0, abandon.signal, interrupt.signal);
    abandon.signal.addEventListener('abort', () => interrupt.abort());
    const joined = new Promise<void>((onJoined) => {
      const signals = { stopping: stopping.signal, abandon, interrupt };
      const story = runHeld({ ...deps, isNewerWork }, held, { ...signals, onJoined, onTrouble });
      running.set(story, { batchId: held.job.batchId, abandon, interrupt, onJoined });
      void story.finally(() => {
        running.delete(story);
        onJoined();
      });
    });
    if (stopping.signal.aborted) return;
    await joined; // else the line would be looked at before this slice stands in it
    await nextTurn(); // and its first requests leave before the next slice is asked for
  };

  const takeUntilStopped = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await takeOne();
      } catch (error) {
        logger.warn({ err: error }, 'no slice could be taken');
        await sleep(pauseAfterErrorMs);
      }
    }
  };

  return {
    async start() {
      await source.start();
      loop = takeUntilStopped();
    },
    async stop(graceMs) {
      stopping.abort();
      for (const { onJoined } of running.values()) onJoined();
      permits.close();
      await loop;
      const ended = Promise.all(running.keys());
      const grace = new AbortController();
      await Promise.race([ended, sleep(graceMs, undefined, { signal: grace.signal }).catch(() => {})]);
      grace.abort();
      for (const { abandon } of running.values()) abandon.abort();
      await ended;
      await source.stop();
    },
    async welcome(id) {
      const isServed = [...running.values()].some(({ batchId }) => batchId === id);
      if (isServed || !(await deps.isNext(id))) return;
      guest.isHere = true;
      guest.notify();
    },
    abandon(id) {
      for (const slice of running.values()) if (slice.batchId === id) slice.abandon.abort();
      permits.refuse(({ batch }) => batch === id);
    },
    pause(id) {
      for (const slice of running.values()) if (slice.batchId === id) slice.interrupt.abort();
      permits.refuse(({ batch }) => batch === id);
    },
  };
};

type Signals = Omit<Running, 'batchId'> & {
  readonly stopping: AbortSignal;
  /** The next slice would fare no better right now. */
  readonly onTrouble: () => void;
};

/** One slice from its start to its letting go. Never rejects: a slice that failed unexpectedly is tried again later. */
const runHeld = async (
  { run, parking, logger, isNewerWork }: ConsumerDeps & { readonly isNewerWork: (error: unknown) => boolean },
  held: HeldSlice,
  { stopping, abandon, interrupt, onJoined, onTrouble }: Signals,
): Promise<void> => {
  const { job, lost } = held;
  const giveUp = (): void => abandon.abort();
  lost.addEventListener('abort', giveUp);
  try {
    const signals = { stopping, abandon: abandon.signal, interrupt: interrupt.signal };
    const verdict = await run(job, signals, { stalls: held.stalls, onJoined, lost });
    if (lost.aborted) return;
    if (verdict.is === 'done') await held.done();
    else if (verdict.is === 'later') await held.later(verdict.at);
    else if (verdict.is === 'parked') await park(parking, held, verdict.for);
    else await held.handBack();
  } catch (error) {
    if (isNewerWork(error)) return await held.laterBy(leaveForMs).catch(() => {});
    const isOutage = isRedisOutage(error);
    const about = { err: error, batchId: job.batchId, slice: job.slice };
    logger[isOutage ? 'warn' : 'error'](about, 'a slice could not be run');
    if (isOutage) onTrouble();
    await held.laterBy(pauseAfterErrorMs).catch(() => {}); // its lock runs out, and it is taken again
  } finally {
    lost.removeEventListener('abort', giveUp);
  }
};

const park = async (parking: Pick<Parking, 'park'>, held: HeldSlice, crowd: string): Promise<void> => {
  await held.laterBy(parkedMs.least + Math.random() * parkedMs.spread);
  await parking.park(crowd, held.id, held.job.tag ?? 0);
};
