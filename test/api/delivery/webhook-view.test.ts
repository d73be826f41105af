import { expect, test } from '@jest/globals';
import { toWebhookView } from '../../../api/delivery/webhook-view.ts';
import { newBatchId, type BatchRecord } from '../../../shared/batch.ts';
import type { DeliveryRecord } from '../../../shared/webhook-event.ts';

const counts = { total: 1, pending: 0, running: 0, succeeded: 1, failed: 0, cancelled: 0, expired: 0 };
const plain: BatchRecord = {
  id: newBatchId(),
  owner: 'anna',
  defaults: {},
  priority: 50,
  counts,
  tallies: { statuses: new Map(), failures: new Map() },
  slices: 1,
  createdAt: 0,
  expiresAt: 1,
  retentionSeconds: 60,
};
const failure = { code: 'timed_out', message: 'the attempt took longer than 15000 ms' } as const;
const event: DeliveryRecord = {
  number: 1,
  type: 'batch.completed',
  at: 1000,
  counts,
  status: 'pending',
  attempts: [
    { startedAt: 2000, durationMs: 15_000.5, failure },
    { startedAt: 30_000, durationMs: 3, status: 500 },
  ],
  nextAttemptAt: 90_000,
};

test('shows what is not there as null', () => {
  const page = { events: [], isLast: true, isGone: false };
  expect(toWebhookView(plain, page)).toEqual({ webhook: null, events: [], next: null });
});

test('shows every attempt, when the next is due, and where to go on', () => {
  const batch: BatchRecord = {
    ...plain,
    webhook: { url: 'https://example.com/', events: ['batch.completed'] },
  };
  const id = `evt_${batch.id.slice(4)}-1`;
  expect(toWebhookView(batch, { events: [event], isLast: false, isGone: false })).toEqual({
    webhook: {
      url: 'https://example.com/',
      events: ['batch.completed'],
      progressPercent: null,
      isGone: false,
    },
    events: [
      {
        id,
        type: 'batch.completed',
        createdAt: '1970-01-01T00:00:01.000Z',
        status: 'pending',
        attempts: [
          { startedAt: '1970-01-01T00:00:02.000Z', durationMs: 15_000.5, status: null, failure },
          { startedAt: '1970-01-01T00:00:30.000Z', durationMs: 3, status: 500, failure: null },
        ],
        nextAttemptAt: '1970-01-01T00:01:30.000Z',
        links: { resend: `/v1/batches/${batch.id}/webhooks/${id}/resend` },
      },
    ],
    next: id,
  });
});
