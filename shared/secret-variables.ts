// The variables that hold secrets: how they are written.
import { z } from 'zod';
import { isWebhookSecret, webhookSecretForm } from './webhook-secret.ts';

/** `[{name, key}]` of `name:key` pairs. */
export const apiKeys = z
  .string()
  .transform((text, context) => {
    const keys = text
      .split(',')
      .map((entry) => /^([A-Za-z0-9_.-]{1,64}):([\x21-\x7e]{16,256})$/.exec(entry.trim()));
    if (keys.includes(null)) {
      context.addIssue('must be name:key pairs, comma-separated, each key 16 to 256 printable characters');
      return z.NEVER;
    }
    return keys.flatMap((match) => (match === null ? [] : [{ name: match[1] ?? '', key: match[2] ?? '' }]));
  })
  .default([]);

/** Secrets that sign webhooks. What is written is not repeated. */
export const webhookSecrets = z
  .string()
  .transform((text, context) => {
    const secrets = text.split(',').map((entry) => entry.trim());
    if (secrets.every(isWebhookSecret)) return secrets;
    context.addIssue(`must be ${webhookSecretForm}, or several of these, comma-separated`);
    return z.NEVER;
  })
  .default([]);
