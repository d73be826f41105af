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

const settingsSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(200)
    .refine((name) => !invisible.test(name) && name.isWellFormed(), 'no control or invisible characters')
    .optional(),
  metadata: z
    .custom<Metadata>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
      message: 'expected an object',
    })
    .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= maxMetadataBytes, {
      message: `at most ${maxMetadataBytes} bytes of JSON are allowed`,
      abort: true,
    })
    .optional(),
  priority: z.int().min(0).max(maxPriority).default(defaultPriority),
  perHost: hostLimitsSchema.optional(),
  notBefore: z.iso
    .datetime({ offset: true, error: 'expected a date-time with its offset, such as 2030-01-31T08:00:00Z' })
    .transform((text) => Date.parse(text))
    .optional(),
  expiresIn: z.int().min(1).max(maxSeconds).optional(),
  retention: z.int().min(1).max(maxSeconds).optional(),
  webhook: webhookSchema.optional(),
  defaults: requestDefaultsSchema.default({}),
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
  return settings;
};
