// The figures that explain a batch: where its time went, how its hosts fared, what failed. Pure.
import { z } from 'zod';
import { batchStatuses, statusOf, type BatchRecord } from '../../shared/batch.ts';
import { failureCodes } from '../../shared/failure.ts';
import type { Histogram } from './histogram.ts';
import { phases, type HostTally, type Phase, type Tally } from './tally.ts';

const amount = z.int().min(0);
const ms = z.number().min(0);
const percentileShape = { p50: ms, p95: ms, p99: ms };
const percentilesSchema = z.object(percentileShape);

const hostFiguresSchema = z.object({
  host: z.string().nullable().describe('Null for all those that were too many to be told apart.'),
  results: amount,
  failed: amount,
  reused: amount,
  totalMs: percentilesSchema.describe('Of the last attempt, ms.'),
});

const phaseSchema = z.object({
  sumMs: ms,
  share: z.number().min(0).max(1).describe('The part of the whole.'),
  ...percentileShape,
});

export const figuresSchema = z.object({
  batch: z.string(),
  status: z.enum(batchStatuses),
  results: z
    .object({ stored: amount, read: amount })
    .describe('How many there are, and how many were read for this: of very many only some.'),
  time: z
    .object(
      Object.fromEntries(phases.map((phase) => [phase, phaseSchema])) as Record<Phase, typeof phaseSchema>,
    )
    .describe(
      'Where the time of requests went, ms: `line` is the queue and permits of hosts, `retries` are earlier attempts and the waits ' +
        'between, the others are of the last attempt.',
    ),
  hosts: z.array(hostFiguresSchema).readonly().describe('The 20 with the most results.'),
  failures: z
    .array(
      z.object({
        code: z.enum(failureCodes),
        count: amount,
        example: z.object({ index: amount, url: z.string(), message: z.string() }),
      }),
    )
    .readonly(),
  connections: z.object({ reused: amount, fresh: amount }),
  throttled: amount.describe('Attempts that a host turned away to be asked less.'),
});

export type Figures = Readonly<z.output<typeof figuresSchema>>;
export type HostFigures = Readonly<z.output<typeof hostFiguresSchema>>;
type Percentiles = Readonly<z.output<typeof percentilesSchema>>;

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
