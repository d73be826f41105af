// The webhook of a batch: where its events go, and which. Knows nothing of Redis, nor of how they get there.

/** What a webhook may hear of: that a batch has come further, or `batch.` and the status it ended with. */
export const webhookEventTypes = [
  'batch.progress',
  'batch.completed',
  'batch.cancelled',
  'batch.expired',
] as const;
export type WebhookEventType = (typeof webhookEventTypes)[number];

export type Webhook = {
  readonly url: string;
  readonly events: readonly WebhookEventType[];
  /** So many per cent of its requests end between two `batch.progress`; set where that is among the events. */
  readonly progressPercent?: number | undefined;
};

/** What must not be shown or logged: kept apart from the batch, so that only who delivers has it in hand. */
export type WebhookSecrets = {
  /** As in webhook-secret.ts; where there is none, that of the service signs. */
  readonly secret?: string | undefined;
  /** Header fields to be sent with every event. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
};

export type NewWebhook = Webhook & WebhookSecrets;

/** The fields of a batch's meta hash that hold its webhook. */
export const encodeWebhook = (webhook: NewWebhook): Record<string, string | number> => ({
  webhookUrl: webhook.url,
  webhookEvents: webhook.events.join(' '),
  ...(webhook.progressPercent !== undefined && { webhookStep: webhook.progressPercent }),
  ...(webhook.secret !== undefined && { webhookSecret: webhook.secret }),
  ...(webhook.headers !== undefined && { webhookHeaders: JSON.stringify(webhook.headers) }),
});

/** Undefined where the batch has none. */
export const decodeWebhook = (fields: Readonly<Record<string, string>>): Webhook | undefined => {
  const { webhookUrl, webhookEvents = '', webhookStep } = fields;
  if (webhookUrl === undefined) return undefined;
  return {
    url: webhookUrl,
    events: webhookEventTypes.filter((type) => webhookEvents.split(' ').includes(type)),
    ...(webhookStep !== undefined && { progressPercent: Number(webhookStep) }),
  };
};
