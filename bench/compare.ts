// What the rows of a race say of its subject: ratios within one run, and the bounds on them. Pure.
import type { Report, Row } from './scenario.ts';
import { median, speedRatio, speedRatios } from './statistics.ts';
import type { Bound } from './trial.ts';

/** Milliseconds of each round by the URLs it had, so that rows of different counts can be compared. */
const urlMs = ({ durationsMs, count }: Row): readonly number[] => durationsMs.map((ms) => ms / count);

/** How many times as fast as `other` the subject is, a URL. */
export const timesAsFast = (subject: Row, other: Row): number => speedRatio(urlMs(subject), urlMs(other));

/** The same in the round that was best for the subject. */
export const timesAsFastAtBest = (subject: Row, other: Row): number =>
  Math.max(...speedRatios(urlMs(subject), urlMs(other)));

/** URLs a second, by the median of the rounds. */
export const perSecond = (row: Row): number => row.count / (median(row.durationsMs) / 1000);

export const rowNamed = ({ rows }: Report, name: string): Row | undefined =>
  rows.find((row) => row.name === name);

/** The subject's speed by that of each of these, at least so much; nothing of those that did not take part. */
export const atLeastTimes = (report: Report, least: Readonly<Record<string, number>>): readonly Bound[] => {
  const subject = rowNamed(report, report.subject);
  return Object.entries(least).flatMap(([name, times]) => {
    const row = rowNamed(report, name);
    if (subject === undefined || row === undefined) return [];
    return { name: `speed by that of ${name}`, value: timesAsFast(subject, row), unit: '×', least: times };
  });
};

/** That the subject took the whole race without a failure. */
export const withoutFailure = ({ skipped, subject }: Report): Bound => ({
  name: `failures of ${subject}`,
  value: skipped.filter(({ name }) => name === subject).length,
  most: 0,
});

/** The most memory that a worker of the subject had; nothing where it did not take part. */
export const withinMemory = (report: Report, mebibytes: number): readonly Bound[] => {
  const peakBytes = rowNamed(report, report.subject)?.peakBytes;
  if (peakBytes === undefined) return [];
  return [{ name: 'worker, at most', value: peakBytes / 2 ** 20, unit: 'MiB', most: mebibytes }];
};

/** The median of the subject's rounds, by so many ms; not a number where it did not take part, which no bound holds for. */
export const byMs = (report: Report, ms: number): number =>
  median(rowNamed(report, report.subject)?.durationsMs ?? []) / ms;
