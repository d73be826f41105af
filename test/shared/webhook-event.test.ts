import { expect, test } from '@jest/globals';
import { newBatchId } from '../../shared/batch.ts';
import {
  decodeDeliveryAttempts,
  decodeWebhookEvent,
  encodeDeliveryAttempt,
  webhookEventId,
  webhookEventNumber,
  type DeliveryAttempt,
} from '../../shared/webhook-event.ts';

test('an event is named after its batch, and found by that name only there', () => {
  const [id, other] = [newBatchId(), newBatchId()];
  const event = webhookEventId(id, 12);
  expect(event).toMatch(/^evt_[0-9a-f-]{36}-12$/);
  expect(webhookEventNumber(id, event)).toBe(12);
  expect(webhookEventNumber(other, event)).toBeUndefined();
});

test.each(['', 'x', '12', '-1', 'evt_-1', '__proto__', 'evt_01930000-0000-7000-8000-000000000000-01'])(
  '%j names no event',
  (text) => expect(webhookEventNumber(newBatchId(), text)).toBeUndefined(),
);

test('counts of an event sum to their total', () => {
  const event = decodeWebhookEvent(3, '["batch.progress",1700000000000,1690000000000,[10,2,4,1,0,0]]');
  expect(event).toEqual({
    number: 3,
    type: 'batch.progress',
    at: 1_700_000_000_000,
    startedAt: 1_690_000_000_000,
    counts: { total: 10, pending: 3, running: 2, succeeded: 4, failed: 1, cancelled: 0, expired: 0 },
  });
});

test('attempts are read back in order', () => {
  const attempts: DeliveryAttempt[] = [
    { startedAt: 1, durationMs: 2.5, failure: { code: 'timed_out', message: 'two\nlines' } },
    { startedAt: 2, durationMs: 1, status: 204 },
  ];
  expect(decodeDeliveryAttempts(attempts.map((each) => `${encodeDeliveryAttempt(each)}\n`).join(''))).toEqual(
    attempts,
  );
  expect(decodeDeliveryAttempts('')).toEqual([]);
});
