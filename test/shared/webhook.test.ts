import { expect, test } from '@jest/globals';
import { newBatchId } from '../../shared/batch.ts';
import { decodeBatch, encodeNewBatch } from '../../shared/batch-codec.ts';
import { decodeWebhook, encodeWebhook, type NewWebhook } from '../../shared/webhook.ts';

const asText = (fields: Record<string, string | number>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));

const webhook: NewWebhook = {
  url: 'https://example.com/hook?a="batch.expired"',
  events: ['batch.progress', 'batch.completed'],
  progressPercent: 25,
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  headers: { 'X-Token': 't0p' },
};

test('a webhook is read back as it was written, without what is secret', () => {
  const { url, events, progressPercent } = webhook;
  expect(decodeWebhook(asText(encodeWebhook(webhook)))).toEqual({ url, events, progressPercent });
  expect(decodeWebhook({})).toBeUndefined();
});

test('what is known of a batch has its webhook, and nothing of its secret or its header fields', () => {
  const batch = { owner: 'anna', defaults: {}, priority: 50, expiresInSeconds: 1, retentionSeconds: 1 };
  const id = newBatchId();
  const fields = asText({ ...encodeNewBatch({ ...batch, id, webhook }), sealed: 1 });
  const record = decodeBatch(id, fields);
  expect(record?.webhook?.url).toBe(webhook.url);
  expect(JSON.stringify(record)).not.toMatch(/whsec_|t0p/);
});
