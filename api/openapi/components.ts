// Every schema that has a name in the document, by that name.
import { z } from 'zod';
import { batchPageSchema, batchViewSchema } from '../delivery/batch-view.ts';
import { hostPageSchema, hostViewSchema } from '../delivery/host-view.ts';
import { planViewSchema } from '../delivery/plan-view.ts';
import { chosenFieldsSchema, resultPageSchema, resultSchema } from '../delivery/result-schema.ts';
import { webhookEventSchema, webhookViewSchema } from '../delivery/webhook-view.ts';
import { explanationSchema } from '../explain.ts';
import { livezSchema, readyzSchema } from '../health.ts';
import { problemSchema } from '../problem.ts';
import { retryFilterSchema } from '../retry-filter.ts';
import { appendViewSchema } from '../submission/append.ts';
import { settingsSchema } from '../submission/settings.ts';
import { templateSchema } from '../submission/template.ts';
import { webhookSchema } from '../submission/webhook.ts';
import { hostLimitsSchema } from '../../shared/host-limits.ts';
import { createRequestSchema, requestDefaultsSchema, urlSchema } from '../../shared/request.ts';
import { createUrlRule } from '../../shared/url-rule.ts';

/** Which addresses are refused is for each deployment to say. */
const anyUrl = createUrlRule({ allows: () => true, namesPort: () => true });

export const requestSchema = createRequestSchema(anyUrl);

const lists = {
  urls: z.array(urlSchema(anyUrl)).min(1).describe('URLs to GET.').optional(),
  requests: z.array(requestSchema).min(1).describe('Requests with more to them than a URL.').optional(),
  template: templateSchema.describe('What stands for many requests.').optional(),
};

const names = Object.keys(lists);

const having = (list: string): object => ({
  type: 'object',
  properties: { [list]: {} },
  required: [list],
});

/** An open batch may begin with nothing. */
const openAndEmpty = {
  type: 'object',
  properties: { open: { const: true }, ...Object.fromEntries(names.map((list) => [list, false])) },
  required: ['open'],
};

/** As submission/json.ts takes it, which reads the lists by hand so that large ones do not block. */
export const submissionSchema = settingsSchema.extend(lists).meta({
  description: 'One of `urls`, `requests` and `template`, and what holds for all of them.',
  oneOf: [...names.map(having), openAndEmpty],
});

export const appendSchema = z.strictObject(lists).meta({
  description: 'One of `urls`, `requests` and `template`.',
  oneOf: names.map(having),
});

/** As they are written. */
export const inputs = {
  BatchSubmission: submissionSchema,
  Append: appendSchema,
  RequestTemplate: templateSchema,
  NewWebhook: webhookSchema,
  FetchRequest: requestSchema,
  RequestDefaults: requestDefaultsSchema,
  RetryFilter: retryFilterSchema,
  HostLimits: hostLimitsSchema,
} as const satisfies Readonly<Record<string, z.ZodType>>;

/** As they are read. */
export const outputs = {
  Batch: batchViewSchema,
  BatchPage: batchPageSchema,
  Appended: appendViewSchema,
  Plan: planViewSchema,
  Explanation: explanationSchema,
  Result: resultSchema,
  ResultFields: chosenFieldsSchema,
  ResultPage: resultPageSchema,
  Webhook: webhookViewSchema,
  WebhookEvent: webhookEventSchema,
  Host: hostViewSchema,
  HostPage: hostPageSchema,
  HostLimits: hostLimitsSchema,
  Livez: livezSchema,
  Readyz: readyzSchema,
  Problem: problemSchema,
} as const satisfies Readonly<Record<string, z.ZodType>>;
