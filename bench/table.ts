// A report as text for a terminal. Pure.
import { alignColumns } from './columns.ts';
import { perSecond, rowNamed, timesAsFast } from './compare.ts';
import type { Report, Row } from './scenario.ts';
import { median, spreadOf } from './statistics.ts';
import { formatBounds } from './trial.ts';

/** Above this share of its core the target is suspected to be what was measured. */
const busyTarget = 0.85;

/** The report as lines: what was asked, a row for each contender, who is missing, what to be wary of. */
export const formatReport = (report: Report): string => {
  const header = ['contender', 'URLs', 'median', 'fastest', 'slowest', 'URL/s', 'speed', 'target CPU'];
  const subject = rowNamed(report, report.subject);
  const lines = alignColumns([header, ...report.rows.map((row) => cells(row, subject))]);
  return [
    `${report.scenario}: ${report.about} (target: ${report.target})`,
    ...lines.map((line) => `  ${line}`),
    ...report.skipped.map(({ name, reason }) => `  ${name}: skipped, ${reason}`),
    ...report.rows
      .filter(isSuspect)
      .map(({ name }) => `  beware: with ${name} the target was the bottleneck`),
    ...report.notes.map((note) => `  ${note}`),
    ...formatBounds(report.bounds),
    ...report.rows.map(({ name, about }) => `  (${name}: ${about})`),
  ].join('\n');
};

const isSuspect = ({ targetLoad }: Row): boolean => median(targetLoad) > busyTarget;

const cells = (row: Row, subject: Row | undefined): string[] => {
  const { min, median: middle, max } = spreadOf(row.durationsMs);
  const rate = Math.round(perSecond(row)).toLocaleString('en');
  const times = [middle, min, max].map(formatMs);
  return [row.name, row.count.toLocaleString('en'), ...times, rate, speed(row, subject), formatShare(row)];
};

const speed = (row: Row, subject: Row | undefined): string => {
  if (subject === undefined) return '';
  if (row === subject) return '1';
  return `${subject.name} is ${timesAsFast(subject, row).toFixed(2)} ×`;
};

const formatShare = ({ targetLoad }: Row): string => `${Math.round(median(targetLoad) * 100)}%`;

const formatMs = (ms: number): string => (ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`);
