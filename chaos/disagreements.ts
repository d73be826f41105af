// Where what Redis holds of batches does not agree with itself: batches, queue and lists held against one another. Pure.
import { jobIdOf } from '../shared/slice.ts';
import { batchOfJob, type KeptBatch, type Snapshot } from './snapshot.ts';

/** Each names what was found. Those of the first three come about, and are mended by and by; the others never may. */
export type Disagreements = {
  /** Jobs whose batch has ended or is not there: a worker that takes one finds nothing to do. */
  readonly jobsOfNothing: readonly string[];
  /** Jobs that are missing, of slices that have requests left, in batches that are neither paused nor in the outbox. */
  readonly jobsLost: readonly string[];
  /** Batches in the outbox that have ended or are not there: they are taken out of it when they are due. */
  readonly outboxOfNothing: readonly string[];
  /** Batches that an Idempotency-Key was used for, and that are not there. */
  readonly keyedToNothing: readonly string[];
  /** Batches that stand in a list they should not be in, or are missing from one. */
  readonly listedWrong: readonly string[];
  /** Batches whose counts are not those of their results, their claims or their slices. */
  readonly countedWrong: readonly string[];
  /** Batches that have ended, or that nobody sees, with keys that would stay for ever. */
  readonly keptForEver: readonly string[];
};

export const findDisagreements = (snapshot: Snapshot): Disagreements => {
  const { batches, jobs, outbox, keyed } = snapshot;
  const all = [...batches.values()];
  const live = new Set(idsOf(all.filter(isUnended)));
  const sealed = all.filter(({ isSealed }) => isSealed);
  const there = new Set(idsOf(sealed));
  return {
    jobsOfNothing: [...jobs].filter((job) => !live.has(batchOfJob(job) ?? '')),
    jobsLost: all
      .filter((batch) => isUnended(batch) && !batch.isPaused && !outbox.has(batch.id))
      .flatMap(jobsOf)
      .filter((job) => !jobs.has(job)),
    outboxOfNothing: [...outbox].filter((id) => !live.has(id)),
    keyedToNothing: keyed.filter((id) => !there.has(id)),
    listedWrong: listedWrong(snapshot, sealed),
    countedWrong: idsOf(sealed.filter((batch) => !isCountedRight(batch))),
    keptForEver: idsOf(all.filter((batch) => !isUnended(batch) && batch.lasting > 0)),
  };
};

const idsOf = (some: readonly KeptBatch[]): string[] => some.map(({ id }) => id);

const isUnended = ({ isSealed, isEnded }: KeptBatch): boolean => isSealed && !isEnded;

const jobsOf = ({ id, located, generation }: KeptBatch): string[] =>
  [...located.unfinished].map((slice) => jobIdOf(id, slice, generation));

const listedWrong = (
  { deadlines, unfinished, listed }: Snapshot,
  sealed: readonly KeptBatch[],
): readonly string[] => {
  const unended = sealed.filter(isUnended);
  const withOwner = ({ id, owner }: KeptBatch): string => `${owner}:${id}`;
  return [
    ...differences(deadlines, idsOf(unended)),
    ...differences(unfinished, unended.map(withOwner)),
    ...differences(listed, sealed.map(withOwner)),
  ];
};

const differences = (found: ReadonlySet<string>, right: readonly string[]): string[] => {
  const expected = new Set(right);
  return [
    ...[...found].filter((entry) => !expected.has(entry)),
    ...right.filter((entry) => !found.has(entry)),
  ];
};

const isCountedRight = (batch: KeptBatch): boolean => {
  const { total, recorded, closed, running, held, located, slices } = batch;
  const left = total - recorded;
  return (
    located.recorded === recorded &&
    located.unrecorded === left &&
    closed === (batch.isClosed ? left : 0) &&
    running === held &&
    slices.kept === slices.said
  );
};
