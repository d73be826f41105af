import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { isWebhookSecret, webhookKeyOf } from '../../shared/webhook-secret.ts';

const written = (bytes: number): string => `whsec_${randomBytes(bytes).toString('base64')}`;

test.each([24, 32, 63, 64])('%i bytes are a secret', (bytes) => {
  const key = randomBytes(bytes);
  expect(webhookKeyOf(`whsec_${key.toString('base64')}`)).toEqual(key);
});

test.each([
  ['too short', written(23)],
  ['too long', written(65)],
  ['without its prefix', written(32).slice(6)],
  ['with another prefix', written(32).replace('whsec_', 'whsk_')],
  ['not base64', `whsec_${'-'.repeat(40)}`],
  ['cut', written(32).slice(0, -1)],
  ['with white space', `${written(32)} `],
  ['nothing', ''],
])('a text is none that is %s', (_, text) => expect(isWebhookSecret(text)).toBe(false));
