// The figures that explain a batch: where its time went, how its hosts fared, what failed. Pure.
import { statusOf, type BatchRecord, type BatchStatus } from '../../shared/batch.ts';
import type { FailureCode } from '../../shared/failure.ts';
import type { Histogram } from './histogram.ts';
import { phases, type FailureExample, type HostTally, type Phase, type Tally } from './tally.ts';

export type Percentiles = { readonly p50: number; readonly p95: number; readonly p99: number };

export type HostFigures = {
  /** The origin; null for all those together that were too many to be told apart. */
  readonly host: string | null;
  readonly results: number;
  readonly failed: number;
  readonly reused: number;
  /** Of the last attempt, ms. */
  readonly totalMs: Percentiles;
};

export type Figures = {
  readonly batch: string;
  readonly status: BatchStatus;
  /** Stored results, and how many of them this was made of: of very many, those of segments at even distances. */
  readonly results: { readonly stored: number; readonly read: number };
  /** Sums over the results that were read, ms, the part of the whole (0 to 1), and percentiles, ms. */
  readonly time: Readonly<Record<Phase, Percentiles & { readonly sumMs: number; readonly share: number }>>;
  /** The 20 with the most results. */
  readonly hosts: readonly HostFigures[];
  readonly failures: readonly {
    readonly code: FailureCode;
    readonly count: number;
    readonly example: FailureExample;
  }[];
  readonly connections: { readonly reused: number; readonly fresh: number };
  /** Attempts that a host turned away to be asked less. */
  readonly throttled: number;
};

const mostHostsShown = 20;

export const toFigures = (batch: BatchRecord, tally: Tally): Figures => {
  const sums = phases.map((phase) => tally.phases[phase].sumMs());
  const whole = sums.reduce((sum, each) => sum + each, 0);
  const times = phases.map((phase, at) => {
    const sumMs = sums[at] ?? 0;
    const share = whole === 0 ? 0 : Math.round((sumMs / whole) * 1000) / 1000;
    return [phase, { sumMs, share, ...percentiles(tally.phases[phase]) }] as const;
  });
  const { counts } = batch;
  return {
    batch: batch.id,
    status: statusOf(batch),
    results: { stored: counts.succeeded + counts.failed, read: tally.results },
    time: Object.fromEntries(times) as Figures['time'],
    hosts: hostsOf(tally),
    failures: [...tally.failures]
      .map(([code, { count, example }]) => ({ code, count, example }))
      .toSorted((a, b) => b.count - a.count),
    connections: { reused: tally.reused, fresh: tally.fresh },
    throttled: tally.throttled,
  };
};

const hostsOf = ({ hosts, otherHosts }: Tally): HostFigures[] => {
  const known = [...hosts].map(([host, tally]) => toHost(host, tally));
  const all = otherHosts.results === 0 ? known : [...known, toHost(null, otherHosts)];
  return all.toSorted((a, b) => b.results - a.results).slice(0, mostHostsShown);
};

const toHost = (host: string | null, { results, failed, reused, total }: HostTally): HostFigures => ({
  host,
  results,
  failed,
  reused,
  totalMs: percentiles(total),
});

const percentiles = (histogram: Histogram): Percentiles => ({
  p50: histogram.percentileMs(0.5),
  p95: histogram.percentileMs(0.95),
  p99: histogram.percentileMs(0.99),
});
