import { expect, test } from '@jest/globals';
import { newBatchId, type BatchRecord } from '../../../shared/batch.ts';
import type { WebhookEvent } from '../../../shared/webhook-event.ts';
import { toPayload } from '../../../worker/webhooks/payload.ts';

const counts = { total: 4, pending: 1, running: 1, succeeded: 1, failed: 1, cancelled: 0, expired: 0 };
const batch: BatchRecord = {
  id: newBatchId(),
  owner: 'anna',
  name: 'prices',
  metadata: { run: 7 },
  defaults: { headers: { authorization: 'Bearer hidden' } },
  priority: 50,
  webhook: { url: 'https://example.com/hook?token=hidden', events: ['batch.progress'] },
  counts: { ...counts, running: 0, succeeded: 3 },
  tallies: { statuses: new Map(), failures: new Map() },
  slices: 1,
  createdAt: Date.UTC(2026, 0, 1),
  expiresAt: Date.UTC(2026, 0, 2),
  retentionSeconds: 60,
};
const event: WebhookEvent = {
  number: 1,
  type: 'batch.progress',
  at: Date.UTC(2026, 0, 1, 0, 5),
  startedAt: Date.UTC(2026, 0, 1, 0, 1),
  counts,
};

const read = (of: WebhookEvent): unknown => JSON.parse(toPayload(batch, of).toString());

test('tells of the batch as it was when it happened, not as it is now', () => {
  const self = `/v1/batches/${batch.id}`;
  expect(read(event)).toEqual({
    type: 'batch.progress',
    timestamp: '2026-01-01T00:05:00.000Z',
    data: {
      id: batch.id,
      name: 'prices',
      status: 'running',
      counts,
      progress: 0.5,
      createdAt: '2026-01-01T00:00:00.000Z',
      startedAt: '2026-01-01T00:01:00.000Z',
      endedAt: null,
      metadata: { run: 7 },
      links: { self, results: `${self}/results`, webhooks: `${self}/webhooks` },
    },
  });
});

test('an end has the status and the time of the end', () => {
  const { startedAt: _, ...neverStarted } = event;
  expect(read({ ...neverStarted, type: 'batch.cancelled' })).toMatchObject({
    type: 'batch.cancelled',
    data: { status: 'cancelled', startedAt: null, endedAt: '2026-01-01T00:05:00.000Z' },
  });
});

test('is the same at every attempt, and holds nothing secret', () => {
  expect(toPayload(batch, event)).toEqual(toPayload({ ...batch, counts }, event));
  expect(toPayload(batch, event).toString()).not.toContain('hidden');
});
