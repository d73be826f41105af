// What a submission says beside its requests: the fields of the batch itself, and what they ask of each other.
import { z } from 'zod';
import { defaultPriority, maxPriority, type Metadata } from '../../shared/batch.ts';
import { hostLimitsSchema } from '../../shared/host-limits.ts';
import { findConflict, requestDefaultsSchema } from '../../shared/request.ts';
import { refuseUnsafe, type JsonObject } from './document.ts';
import type { FieldErrors } from './field-errors.ts';
import { parseField } from './field-rules.ts';
import { checkWebhook, webhookSchema, type WebhookRules } from './webhook.ts';

export const maxMetadataBytes = 16_384;
const maxSeconds = 31_536_000;

const invisible = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** The fields of a batch beside its requests. */
export const settingsSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(200)
    .refine((name) => !invisible.test(name) && name.isWellFormed(), 'no control or invisible characters')
    .describe('A name for people.')
    .optional(),
  metadata: z
    .custom<Metadata>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
      message: 'expected an object',
    })
    .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= maxMetadataBytes, {
      message: `at most ${maxMetadataBytes} bytes of JSON are allowed`,
      abort: true,
    })
    .meta({
      type: 'object',
      additionalProperties: true,
      description: 'Whatever you want back with the batch; up to 16 KiB of JSON.',
    })
    .optional(),
  priority: z
    .int()
    .min(0)
    .max(maxPriority)
    .describe(
      'Its part of the workers beside other batches: twice as much for every 10 points; 50 where nothing is said.',
    )
    .default(defaultPriority),
  perHost: hostLimitsSchema
    .describe('Limits for each host that it asks; they only tighten what holds anyway.')
    .optional(),
  notBefore: z.iso
    .datetime({ offset: true, error: 'expected a date-time with its offset, such as 2030-01-31T08:00:00Z' })
    .describe('When it may start.')
    .transform((text) => Date.parse(text))
    .optional(),
  expiresIn: z
    .int()
    .min(1)
    .max(maxSeconds)
    .describe('Seconds; what has not ended by then ends as `expired`.')
    .optional(),
  retention: z.int().min(1).max(maxSeconds).describe('Seconds that all is kept after the end.').optional(),
  webhook: webhookSchema.describe('Where to send word when it ends, or comes further.').optional(),
  defaults: requestDefaultsSchema
    .describe('What every request takes that does not say otherwise.')
    .default({}),
  onInvalid: z
    .enum(['reject', 'fail'])
    .describe(
      '`fail` accepts the batch though some of its requests are not valid: each of those has a result that failed as `invalid_request`.',
    )
    .optional(),
  open: z.boolean().describe('More requests can be appended until it is sealed.').optional(),
  dedupe: z
    .boolean()
    .describe(
      'Of requests with the same method, URL, headers and body only the first is taken, unless they have an `id`. Not for open batches.',
    )
    .optional(),
});

/** Durations in seconds, `notBefore` in epoch ms. */
export type Settings = z.output<typeof settingsSchema>;

export type SettingsRules = WebhookRules & {
  /** When a batch expires that does not say. */
  readonly expiresSeconds: number;
  /** Epoch ms. */
  readonly now: () => number;
};

/** The settings, checked; undefined where errors were added. */
export const readSettings = (
  written: JsonObject,
  errors: FieldErrors,
  rules: SettingsRules,
): Settings | undefined => {
  refuseUnsafe(written, [], errors);
  const settings = parseField(settingsSchema, written, { path: [], errors });
  if (settings === undefined) return undefined;
  const conflict = findConflict(settings.defaults);
  if (conflict !== undefined) errors.add(['defaults', conflict.field], conflict.message);
  if (settings.webhook !== undefined) checkWebhook(settings.webhook, errors, rules);
  const expiresIn = settings.expiresIn ?? rules.expiresSeconds;
  if (settings.notBefore !== undefined && settings.notBefore >= rules.now() + expiresIn * 1000)
    errors.add(['notBefore'], `the batch would expire before, in ${expiresIn} s; see expiresIn`);
  if (settings.open === true && settings.dedupe === true)
    errors.add(['dedupe'], 'what is appended to an open batch cannot be compared with what it has');
  return settings;
};
