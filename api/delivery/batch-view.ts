// A batch as callers see it (design §5). Pure.
import { z } from 'zod';
import {
  batchIdPattern,
  batchStatuses,
  maxPriority,
  statusOf,
  type BatchRecord,
} from '../../shared/batch.ts';
import { hostLimitsSchema } from '../../shared/host-limits.ts';
import { etaOf, throughputOf } from './forecast.ts';

const count = z.int().min(0);

const countsSchema = z
  .object({
    total: count,
    pending: count,
    running: count,
    succeeded: count,
    failed: count,
    cancelled: count,
    expired: count,
  })
  .describe('How many requests are where; the last six sum to `total` at every read.');

const perSecond = z.number().min(0).nullable();

export const batchViewSchema = z.object({
  id: z.string().regex(batchIdPattern),
  name: z.string().nullable(),
  status: z.enum(batchStatuses),
  counts: countsSchema,
  duplicates: count
    .nullable()
    .describe('Requests that were left out, being like others; null where nobody looked.'),
  progress: z.number().min(0).max(1).describe('Ended requests among all.'),
  throughput: z
    .object({ recentPerSecond: perSecond, meanPerSecond: perSecond })
    .describe(
      'Requests ended a second: over the last 10 to 20 s, and since the start; null where nothing can be said yet.',
    ),
  eta: z
    .object({ at: z.iso.datetime(), earliest: z.iso.datetime(), latest: z.iso.datetime() })
    .nullable()
    .describe('When it may end; null unless it runs and enough has ended.'),
  statuses: z.record(z.string(), count).describe('How many results have which status.'),
  failures: z.record(z.string(), count).describe('How many results have which failure code.'),
  priority: z.int().min(0).max(maxPriority).describe('Higher goes first.'),
  perHost: hostLimitsSchema.nullable(),
  createdAt: z.iso.datetime(),
  notBefore: z.iso.datetime().nullable(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  expiresAt: z.iso.datetime().describe('When what has not ended by then will end as `expired`.'),
  timing: z
    .object({ queuedMs: z.number().nullable(), runMs: z.number().nullable() })
    .describe('Waiting for a worker, and from there to the end.'),
  metadata: z.record(z.string(), z.unknown()).describe('As it was submitted.'),
  links: z
    .record(z.string(), z.string())
    .describe('Paths: where to read more, and what may be done with the batch now.'),
});

export type BatchView = Readonly<z.output<typeof batchViewSchema>>;

export const batchPageSchema = z.object({
  batches: z.array(batchViewSchema),
  next: z.string().nullable().describe('The `after` of the next page; null on the last.'),
});

export type BatchPageView = Readonly<z.output<typeof batchPageSchema>>;

export const batchPath = (id: string): string => `/v1/batches/${id}`;

/** `now` is epoch ms, by the clock that batches are dated by. */
export const toBatchView = (batch: BatchRecord, now: number): BatchView => {
  const { counts, tallies, createdAt, startedAt, endedAt } = batch;
  const eta = etaOf(batch, now);
  const self = batchPath(batch.id);
  return {
    id: batch.id,
    name: batch.name ?? null,
    status: statusOf(batch),
    counts,
    duplicates: batch.duplicates ?? null,
    progress: progressOf(batch),
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

/** An open batch may have no requests yet, or never. */
const progressOf = ({ counts: { total, pending, running }, endedAt }: BatchRecord): number => {
  if (total === 0) return endedAt === undefined ? 0 : 1;
  return (total - pending - running) / total;
};

const linksOf = (batch: BatchRecord, self: string): BatchView['links'] => {
  const status = statusOf(batch);
  if (status === 'completed' && batch.counts.failed > 0) return { retry: `${self}/retry` };
  if (status === 'open')
    return { requests: `${self}/requests`, seal: `${self}/seal`, pause: `${self}/pause` };
  if (status === 'paused') return { resume: `${self}/resume` };
  return status === 'queued' || status === 'running' ? { pause: `${self}/pause` } : {};
};

const isoOrNull = (epochMs: number | undefined): string | null =>
  epochMs === undefined ? null : iso(epochMs);

const iso = (epochMs: number): string => new Date(epochMs).toISOString();
