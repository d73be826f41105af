// What a webhook is told: the event, and the batch as it was then. The same at every attempt. Pure.
import type { BatchRecord } from '../../shared/batch.ts';
import type { WebhookEvent } from '../../shared/webhook-event.ts';

export const toPayload = (batch: BatchRecord, event: WebhookEvent): Buffer => {
  const { type, at, startedAt, counts } = event;
  const hasEnded = type !== 'batch.progress';
  const self = `/v1/batches/${batch.id}`;
  const data = {
    id: batch.id,
    name: batch.name ?? null,
    status: hasEnded ? type.slice('batch.'.length) : 'running',
    counts,
    progress: (counts.total - counts.pending - counts.running) / counts.total,
    createdAt: iso(batch.createdAt),
    startedAt: startedAt === undefined ? null : iso(startedAt),
    endedAt: hasEnded ? iso(at) : null,
    metadata: batch.metadata ?? {},
    links: { self, results: `${self}/results`, webhooks: `${self}/webhooks` },
  };
  return Buffer.from(JSON.stringify({ type, timestamp: iso(at), data }));
};

const iso = (epochMs: number): string => new Date(epochMs).toISOString();
