// The webhook of a submission: how it is written, and what its URL may be.
import { z } from 'zod';
import type { WebUrl } from '../../shared/accepted-origins.ts';
import { createAddressPolicy } from '../../shared/address-policy.ts';
import { headersSchema } from '../../shared/request-headers.ts';
import { literalAddress, portOf, type UrlRule } from '../../shared/url-rule.ts';
import { isWebhookSecret, webhookSecretForm } from '../../shared/webhook-secret.ts';
import { webhookEventTypes, type NewWebhook, type WebhookEventType } from '../../shared/webhook.ts';
import type { FieldErrors } from './field-errors.ts';

const maxUrlLength = 2048;
const maxHeaderBytes = 4096;
const defaultProgressPercent = 10;

const endTypes = webhookEventTypes.filter((type) => type !== 'batch.progress');

/** What `events` may name: the types, without their `batch.` as well, and `failed` for an end before all was done. */
const eventWords: Readonly<Record<string, readonly WebhookEventType[]>> = {
  ...Object.fromEntries(
    webhookEventTypes.flatMap((type) => [
      [type, [type]],
      [type.slice('batch.'.length), [type]],
    ]),
  ),
  'batch.failed': ['batch.cancelled', 'batch.expired'],
  failed: ['batch.cancelled', 'batch.expired'],
};

const ownHeader = /^(webhook-.*|content-type)$/i;

const webhookHeadersSchema = headersSchema.check((context) => {
  const entries = Object.entries(context.value);
  for (const name of Object.keys(context.value).filter((each) => ownHeader.test(each))) {
    const message = `${name} is set by Fetchfleet and may not be given`;
    context.issues.push({ code: 'custom', input: name, path: [name], message });
  }
  const bytes = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > maxHeaderBytes) {
    const message = `at most ${maxHeaderBytes} bytes of header fields are allowed, got ${bytes}`;
    context.issues.push({ code: 'custom', input: bytes, path: [], message });
  }
});

export const webhookSchema = z
  .strictObject({
    url: z.string().max(maxUrlLength),
    secret: z
      .string()
      .refine(isWebhookSecret, `expected ${webhookSecretForm}`)
      .describe(`What events are signed with, ${webhookSecretForm}; the service's own where nothing is said.`)
      .optional(),
    events: z
      .array(z.enum(Object.keys(eventWords)))
      .max(100)
      .refine((words) => words.length > 0, 'name at least one event, or leave it out')
      .optional(),
    progressPercent: z.int().min(1).max(50).optional(),
    headers: webhookHeadersSchema.optional(),
  })
  .check((context) => {
    const { events, progressPercent } = context.value;
    if (progressPercent === undefined || events === undefined || wants(events, 'batch.progress')) return;
    const message = 'batch.progress is not among the events';
    context.issues.push({ code: 'custom', input: progressPercent, path: ['progressPercent'], message });
  })
  .transform(({ events, progressPercent, ...rest }): NewWebhook => {
    const types = events === undefined ? defaultTypes(progressPercent) : typesOf(events);
    return {
      ...rest,
      events: types,
      ...(types.includes('batch.progress') && { progressPercent: progressPercent ?? defaultProgressPercent }),
    };
  });

const typesOf = (words: readonly string[]): WebhookEventType[] =>
  webhookEventTypes.filter((type) => wants(words, type));

const wants = (words: readonly string[], type: WebhookEventType): boolean =>
  words.some((word) => eventWords[word]?.includes(type));

const defaultTypes = (progressPercent: number | undefined): readonly WebhookEventType[] =>
  progressPercent === undefined ? endTypes : webhookEventTypes;

export type WebhookRules = {
  readonly urlRule: UrlRule;
  /** Whether this deployment signs for batches that bring no secret. */
  readonly hasWebhookSecret: boolean;
};

/** What a webhook that is well-formed must be on top: somewhere that may be asked, in secret, and signed. */
export const checkWebhook = (
  webhook: NewWebhook,
  errors: FieldErrors,
  { urlRule, hasWebhookSecret }: WebhookRules,
): void => {
  const verdict = urlRule(webhook.url);
  if ('refusal' in verdict) errors.add(['webhook', 'url'], verdict.refusal.message);
  else if (verdict.url.protocol === 'http:' && !isInward(verdict.url))
    errors.add(['webhook', 'url'], 'must be https:, except for private addresses and names');
  if (webhook.secret === undefined && !hasWebhookSecret)
    errors.add(
      ['webhook', 'secret'],
      `is required where FETCHFLEET_WEBHOOK_SECRET is not set: ${webhookSecretForm}`,
    );
};

const publicAddresses = createAddressPolicy([]);
const inwardNames = /^[^.]+$|\.(localhost|local|internal|test|home\.arpa)$/;

/** Somewhere that the public network does not lead to. Whether it may be dialled is judged elsewhere. */
const isInward = (url: WebUrl): boolean => {
  const literal = literalAddress(url.hostname);
  if (literal !== undefined) return !publicAddresses.allows(literal, portOf(url));
  return inwardNames.test(url.hostname.replace(/\.$/, ''));
};
