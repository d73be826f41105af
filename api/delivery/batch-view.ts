// A batch as callers see it (design §5). Pure.
import { statusOf, type BatchRecord, type BatchStatus, type Counts } from '../../shared/batch.ts';
import type { HostLimits } from '../../shared/host-limits.ts';
import { etaOf, throughputOf, type Throughput } from './forecast.ts';

export type BatchView = {
  readonly id: string;
  readonly name: string | null;
  readonly status: BatchStatus;
  readonly counts: Counts;
  /** Ended requests among all, 0 to 1. */
  readonly progress: number;
  readonly throughput: Throughput;
  /** When it may end; null unless it runs and has shown how fast. */
  readonly eta: { readonly at: string; readonly earliest: string; readonly latest: string } | null;
  /** How many results have which status, and which failure code. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
  /** 0 to 100; higher goes first. */
  readonly priority: number;
  readonly perHost: HostLimits | null;
  readonly createdAt: string;
  readonly notBefore: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** When what has not ended by then will end as `expired`. */
  readonly expiresAt: string;
  /** Waiting for a worker, and from there to the end. */
  readonly timing: { readonly queuedMs: number | null; readonly runMs: number | null };
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Where to read more, and what may be done next. */
  readonly links: Readonly<Record<string, string>>;
};

export const batchPath = (id: string): string => `/v1/batches/${id}`;

export const toBatchView = (batch: BatchRecord, now = Date.now()): BatchView => {
  const { counts, tallies, createdAt, startedAt, endedAt } = batch;
  const eta = etaOf(batch, now);
  const self = batchPath(batch.id);
  return {
    id: batch.id,
    name: batch.name ?? null,
    status: statusOf(batch),
    counts,
    progress: (counts.total - counts.pending - counts.running) / counts.total,
    throughput: throughputOf(batch, now),
    eta: eta && { at: iso(eta.at), earliest: iso(eta.earliest), latest: iso(eta.latest) },
    statuses: Object.fromEntries(tallies.statuses),
    failures: Object.fromEntries(tallies.failures),
    priority: batch.priority,
    perHost: batch.perHost ?? null,
    createdAt: iso(createdAt),
    notBefore: isoOrNull(batch.notBefore),
    startedAt: isoOrNull(startedAt),
    endedAt: isoOrNull(endedAt),
    expiresAt: iso(batch.expiresAt),
    timing: {
      queuedMs: startedAt === undefined ? null : startedAt - createdAt,
      runMs: startedAt === undefined || endedAt === undefined ? null : endedAt - startedAt,
    },
    metadata: batch.metadata ?? {},
    links: {
      self,
      results: `${self}/results`,
      events: `${self}/events`,
      cancel: `${self}/cancel`,
      ...(batch.webhook !== undefined && { webhooks: `${self}/webhooks` }),
      ...linksOf(batch, self),
    },
  };
};

const linksOf = (batch: BatchRecord, self: string): BatchView['links'] => {
  const status = statusOf(batch);
  if (status === 'completed' && batch.counts.failed > 0) return { retry: `${self}/retry` };
  if (status === 'paused') return { resume: `${self}/resume` };
  return status === 'queued' || status === 'running' ? { pause: `${self}/pause` } : {};
};

const isoOrNull = (epochMs: number | undefined): string | null =>
  epochMs === undefined ? null : iso(epochMs);

const iso = (epochMs: number): string => new Date(epochMs).toISOString();
