import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createFieldErrors } from '../../../api/submission/field-errors.ts';
import { parseField } from '../../../api/submission/field-rules.ts';
import { checkWebhook, webhookSchema } from '../../../api/submission/webhook.ts';
import { ApiError } from '../../../api/problem.ts';
import { createAddressPolicy } from '../../../shared/address-policy.ts';
import { createUrlRule } from '../../../shared/url-rule.ts';
import type { NewWebhook } from '../../../shared/webhook.ts';

const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const urlRule = createUrlRule(createAddressPolicy([{ address: '10.0.0.0', prefix: 8 }]));
const ends = ['batch.completed', 'batch.cancelled', 'batch.expired'];

type Read = { readonly webhook: NewWebhook | undefined; readonly pointers: readonly string[] };

const read = (written: object, hasWebhookSecret = false): Read => {
  const errors = createFieldErrors();
  const whole = { url: 'https://example.com/hook', secret, ...written };
  const webhook = parseField(webhookSchema, whole, { path: ['webhook'], errors });
  if (webhook !== undefined) checkWebhook(webhook, errors, { urlRule, hasWebhookSecret });
  return { webhook, pointers: pointersOf(() => errors.throwIfAny()) };
};

const pointersOf = (act: () => void): string[] => {
  try {
    act();
    return [];
  } catch (error) {
    const errors = (error as ApiError).extras.members?.errors ?? [];
    return errors.map(({ pointer = '' }) => pointer);
  }
};

test('a URL and a secret are enough to hear of the end', () => {
  expect(read({})).toEqual({
    webhook: { url: 'https://example.com/hook', secret, events: ends },
    pointers: [],
  });
});

test.each([
  [['completed'], ['batch.completed']],
  [['failed'], ['batch.cancelled', 'batch.expired']],
  [['batch.failed', 'batch.completed', 'completed'], ends],
  [
    ['expired', 'batch.cancelled'],
    ['batch.cancelled', 'batch.expired'],
  ],
])('the words %j name events', (events, types) => expect(read({ events }).webhook?.events).toEqual(types));

test.each<[object, number]>([
  [{ events: ['progress'] }, 10],
  [{ events: ['batch.progress'], progressPercent: 1 }, 1],
  [{ progressPercent: 50 }, 50],
])('%j tells of progress', (written, progressPercent) => {
  const { webhook, pointers } = read(written);
  expect(pointers).toEqual([]);
  expect(webhook?.progressPercent).toBe(progressPercent);
  expect(webhook?.events).toContain('batch.progress');
});

test.each<[object, string]>([
  [{ events: [] }, '/webhook/events'],
  [{ events: ['done'] }, '/webhook/events/0'],
  [{ events: 'completed' }, '/webhook/events'],
  [{ events: ['__proto__'] }, '/webhook/events/0'],
  [{ events: ['completed'], progressPercent: 10 }, '/webhook/progressPercent'],
  [{ progressPercent: 0 }, '/webhook/progressPercent'],
  [{ progressPercent: 51 }, '/webhook/progressPercent'],
  [{ secret: 'hunter2' }, '/webhook/secret'],
  [{ secret: 5 }, '/webhook/secret'],
  [{ secret: undefined }, '/webhook/secret'],
  [{ url: undefined }, '/webhook/url'],
  [{ url: 'https://a:b@example.com/' }, '/webhook/url'],
  [{ url: 'http://example.com/' }, '/webhook/url'],
  [{ url: 'http://8.8.8.8/' }, '/webhook/url'],
  [{ url: 'http://example.internal.com/' }, '/webhook/url'],
  [{ url: 'https://192.168.1.1/' }, '/webhook/url'],
  [{ url: 'https://169.254.169.254/' }, '/webhook/url'],
  [{ url: 'ftp://example.com/' }, '/webhook/url'],
  [{ url: `https://example.com/${'a'.repeat(2048)}` }, '/webhook/url'],
  [{ headers: { 'Webhook-Id': 'x' } }, '/webhook/headers/Webhook-Id'],
  [{ headers: { 'Content-Type': 'text/plain' } }, '/webhook/headers/Content-Type'],
  [{ headers: { host: 'x' } }, '/webhook/headers/host'],
  [{ headers: { a: 'x'.repeat(4096) } }, '/webhook/headers'],
  [{ method: 'PUT' }, '/webhook/method'],
])('refuses %j', (written, pointer) => expect(read(written).pointers).toEqual([pointer]));

test('what is no webhook is refused and not a fault, however it is written', () => {
  const field = fc.oneof(fc.jsonValue(), fc.string(), fc.webUrl());
  const fields = { url: field, secret: field, events: field, progressPercent: field, headers: field };
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record(fields, { requiredKeys: [] })), (written) => {
      const errors = createFieldErrors();
      const webhook = parseField(webhookSchema, written, { path: ['webhook'], errors });
      expect(webhook === undefined).toBe(errors.count() > 0);
      if (webhook !== undefined) checkWebhook(webhook, errors, { urlRule, hasWebhookSecret: false });
    }),
  );
});

test('no secret is needed where the service has one', () =>
  expect(read({ secret: undefined }, true).pointers).toEqual([]));

test.each(['http://10.1.2.3:3000/', 'http://localhost:3000/', 'http://receiver/', 'http://hooks.local./'])(
  'takes %s, where no public network leads to, without TLS',
  (url) => expect(read({ url }).pointers).toEqual([]),
);
