// How much noise processes make while there is nothing they could do: lines of log, and CPU time.
import { existsSync } from 'node:fs';
import { pause } from '../bench/pause.ts';
import { cpuSecondsOf } from '../bench/process-usage.ts';
import type { Bound } from '../bench/trial.ts';

/** Each of the process that made most of it. */
export type Noise = {
  readonly linesPerSecond: number;
  /** Of a core, 0 to 1. */
  readonly cpuShare: number;
};

/** Lines that each process has logged so far, by its pid. */
export type LinesByProcess = ReadonlyMap<number, number>;

/** Of those that live, for so long; rejects soon after `signal` is aborted, and where one of them ends meanwhile. */
export const measureNoise = async (
  lines: LinesByProcess,
  ms: number,
  signal: AbortSignal,
): Promise<Noise> => {
  const pids = [...lines.keys()].filter((pid) => existsSync(`/proc/${pid}`));
  const read = (): readonly Reading[] =>
    pids.map((pid) => ({ lines: lines.get(pid) ?? 0, cpuSeconds: cpuSecondsOf(pid) }));
  const before = read();
  await pause(ms, signal);
  return noiseBetween(before, read(), ms / 1000);
};

/** Of one process. */
export type Reading = { readonly lines: number; readonly cpuSeconds: number };

/** `before` and `after` of the same processes, in the same order. Pure. */
export const noiseBetween = (
  before: readonly Reading[],
  after: readonly Reading[],
  seconds: number,
): Noise => {
  const most = (of: (reading: Reading) => number, fence: number): number =>
    Math.max(
      0,
      ...after.map(
        (reading, at) => of(reading) - (before[at] === undefined ? Number.NaN : of(before[at])) - fence,
      ),
    );
  return {
    // Lines a second apart: one more fits into any span than it has seconds.
    linesPerSecond: most((reading) => reading.lines, 1) / seconds,
    cpuShare: most((reading) => reading.cpuSeconds, 0) / seconds,
  };
};

/** The louder of them, in each respect. */
export const loudest = (noises: readonly Noise[]): Noise => ({
  linesPerSecond: Math.max(0, ...noises.map(({ linesPerSecond }) => linesPerSecond)),
  cpuShare: Math.max(0, ...noises.map(({ cpuShare }) => cpuShare)),
});

/** What is promised of processes that can do nothing. */
export const quietBounds = ({ linesPerSecond, cpuShare }: Noise, when: string): readonly Bound[] => [
  { name: `log lines a second of any process, ${when}`, value: linesPerSecond, most: 1 },
  { name: `CPU of any process, ${when}`, value: 100 * cpuShare, most: 10, unit: '%' },
];
