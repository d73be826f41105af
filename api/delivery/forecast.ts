// How fast a batch goes, and when it may be done. Pure.
import { statusOf, type BatchRecord } from '../../shared/batch.ts';

export type Throughput = {
  /** Requests ended a second, of late (10 to 20 s) and since the start; null where nothing can be said yet. */
  readonly recentPerSecond: number | null;
  readonly meanPerSecond: number | null;
};

/** When a running batch may end, epoch ms. */
export type Eta = { readonly at: number; readonly earliest: number; readonly latest: number };

/** So many requests ended in so many ms. */
type Stretch = { readonly done: number; readonly ms: number };

export const throughputOf = (batch: BatchRecord, now: number): Throughput => ({
  recentPerSecond: isRunning(batch) ? perSecond(recentOf(batch, now)) : null,
  meanPerSecond: perSecond(wholeOf(batch, now)),
});

// Fewer tell nothing of those to come.
const leastDone = 10;

/**
 * Null unless the batch runs and enough has ended. `earliest` and `latest` go by the fastest and the slowest stretch that
 * was seen, each widened by twice the standard error of a count (√n): a promise about 19 of 20 batches that go on as they went.
 */
export const etaOf = (batch: BatchRecord, now: number): Eta | null => {
  const recent = recentOf(batch, now);
  if (!isRunning(batch) || recent === undefined || recent.done < leastDone) return null;
  const left = batch.counts.pending + batch.counts.running;
  const error = 2 / Math.sqrt(recent.done);
  const rates = [recent, ...stretchesOf(batch, now)]
    .filter(({ done, ms }) => done >= leastDone && ms > 0)
    .map(({ done, ms }) => done / ms);
  const after = (rate: number): number => Math.round(now + left / rate);
  return {
    at: after(recent.done / recent.ms),
    earliest: after(Math.max(...rates) * (1 + error)),
    latest: after(Math.min(...rates) * Math.max(0.1, 1 - error)),
  };
};

const isRunning = (batch: BatchRecord): boolean => statusOf(batch) === 'running';

const doneOf = ({ counts }: BatchRecord): number => counts.total - counts.pending - counts.running;

const perSecond = (stretch: Stretch | undefined): number | null =>
  stretch === undefined || stretch.ms <= 0 ? null : Math.round((stretch.done / stretch.ms) * 10_000) / 10;

/** From its start to its end, or now. After a retry the pause before it would count as work. */
const wholeOf = (batch: BatchRecord, now: number): Stretch | undefined => {
  const { startedAt, endedAt = now, generation } = batch;
  if (startedAt === undefined || generation !== undefined) return undefined;
  return { done: doneOf(batch), ms: endedAt - startedAt };
};

/** The window that is being counted, and the one before it; until there are two, all since the start. */
const recentOf = (batch: BatchRecord, now: number): Stretch | undefined => {
  const { pace } = batch;
  const whole = wholeOf(batch, now);
  if (pace === undefined || (pace.before === undefined && whole !== undefined)) return whole;
  const { done, lastedMs } = pace.before ?? { done: 0, lastedMs: 0 };
  return { done: doneOf(batch) - pace.done + done, ms: now - pace.at + lastedMs };
};

const leastMs = 2000;

const stretchesOf = (batch: BatchRecord, now: number): readonly Stretch[] => {
  const { pace } = batch;
  const current = pace && { done: doneOf(batch) - pace.done, ms: now - pace.at };
  const before = pace?.before && { done: pace.before.done, ms: pace.before.lastedMs };
  return [current, before, wholeOf(batch, now)].filter(
    (stretch): stretch is Stretch => stretch !== undefined && stretch.ms >= leastMs,
  );
};
