// Reports of races that nobody ran, by what each contender did a second.
import type { Report, Row } from '../../bench/scenario.ts';

/** A row of three rounds with so many URLs a second in each, or the same in all. */
export const rowOf = (name: string, ...perSecond: readonly number[]): Row => ({
  name,
  about: `about ${name}`,
  count: 1000,
  durationsMs: Array.from(
    { length: 3 },
    (_, round) => 1e6 / (perSecond[round] ?? perSecond[0] ?? Number.NaN),
  ),
  targetLoad: [0.3, 0.3, 0.3],
  cpuSeconds: [],
});

export const reportOf = (...rows: readonly Row[]): Report => ({
  scenario: 'test',
  about: 'what was asked',
  target: 'nginx',
  count: 1000,
  subject: 'fetchfleet',
  rows,
  skipped: [],
  notes: [],
  bounds: [],
});
