import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { apiKeys, webhookSecrets } from '../../shared/secret-variables.ts';

const secret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

test('reads several webhook secrets, and none', () => {
  const [a, b] = [secret(), secret()];
  expect(webhookSecrets.parse(`${a}, ${b}`)).toEqual([a, b]);
  expect(webhookSecrets.parse(undefined)).toEqual([]);
});

test('refuses what is no webhook secret, and does not repeat it', () => {
  const refusal = webhookSecrets.safeParse(`${secret()},hunter2`).error?.message;
  expect(refusal).toContain('must be whsec_ and the base64 of 24 to 64 random bytes');
  expect(refusal).not.toContain('hunter2');
});

test('reads API keys, which may hold a colon', () => {
  expect(apiKeys.parse('anna:0123456789abcdef,ben:0123456789abcde:')).toEqual([
    { name: 'anna', key: '0123456789abcdef' },
    { name: 'ben', key: '0123456789abcde:' },
  ]);
  expect(apiKeys.safeParse('anna:short').success).toBe(false);
});
