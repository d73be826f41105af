// Signs what a webhook is told, by Standard Webhooks 1.0.0 (https://www.standardwebhooks.com). Pure.
import { createHmac } from 'node:crypto';
import { webhookKeyOf } from '../../shared/webhook-secret.ts';

export type Signing = {
  /** Of the event, the same at every attempt; has no full stop. */
  readonly id: string;
  /** Of the attempt, epoch ms. */
  readonly at: number;
  /** As in webhook-secret.ts; every one signs, so that a receiver may know any of them. */
  readonly secrets: readonly string[];
};

/** The header fields that go with a payload. */
export const signatureFields = (
  payload: Uint8Array,
  { id, at, secrets }: Signing,
): Record<string, string> => {
  const timestamp = String(Math.floor(at / 1000));
  const signatures = secrets.map((secret) => {
    const hmac = createHmac('sha256', webhookKeyOf(secret) ?? '').update(`${id}.${timestamp}.`);
    return `v1,${hmac.update(payload).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
};
