// Two variants of the service, round by round: what something costs that can be switched off. Pure.
import { perSecond, rowNamed, timesAsFast } from './compare.ts';
import type { Report, Row } from './scenario.ts';
import { median } from './statistics.ts';
import type { Trial } from './trial.ts';

export type Variants = {
  /** What can be switched off: "permits". */
  readonly what: string;
  /** The names of the two rows. */
  readonly on: string;
  readonly off: string;
  /** Throughput with it, by that without. */
  readonly least?: number;
};

/** Throws where one of the two could not run. */
export const judgeVariants = (report: Report, { what, on, off, least }: Variants): Trial => {
  const [withIt, without] = [rowNamed(report, on), rowNamed(report, off)];
  if (withIt === undefined || without === undefined)
    throw new Error(report.skipped.map(({ name, reason }) => `${name}: ${reason}`).join(', '));
  const ratio = { name: `throughput with ${what}, by that without`, value: timesAsFast(withIt, without) };
  return {
    bounds: least === undefined ? [] : [{ ...ratio, least }],
    figures: [
      ...(least === undefined ? [ratio] : []),
      { name: `with ${what}`, value: perSecond(withIt), unit: 'URL/s' },
      { name: 'without', value: perSecond(without), unit: 'URL/s' },
      { name: `CPU of API and worker with ${what}`, value: cpuOf(withIt), unit: 'µs/URL' },
      { name: 'CPU of API and worker without', value: cpuOf(without), unit: 'µs/URL' },
    ],
  };
};

const cpuOf = ({ cpuSeconds, count }: Row): number => (median(cpuSeconds) / count) * 1e6;
