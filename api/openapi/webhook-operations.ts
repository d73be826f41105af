// The operations of a batch's webhook: what became of its events, and sending one again.
import { z } from 'zod';
import { webhookEventSchema, webhookViewSchema } from '../delivery/webhook-view.ts';
import { webhookQueryOf } from '../webhooks.ts';
import { webhookEventExample, webhookExample } from './examples.ts';
import { toParameters, type Operation } from './operation.ts';
import { batchIdParameter } from './parameters.ts';

const getWebhook: Operation = {
  id: 'getWebhook',
  method: 'get',
  path: '/v1/batches/{id}/webhooks',
  tag: 'webhooks',
  summary: 'Read the webhook of a batch, and what became of its events',
  parameters: [
    batchIdParameter,
    ...toParameters(
      webhookQueryOf((text): text is string => typeof text === 'string'),
      { limit: 'How many events at most; 100 where nothing is said.', after: '`next` of the page before.' },
    ),
  ],
  answers: [
    {
      status: 200,
      description: 'The webhook, without what is secret, and its events.',
      content: { 'application/json': { schema: webhookViewSchema, example: webhookExample } },
    },
  ],
  problems: ['batch_not_found', 'not_acceptable'],
};

const resendEvent: Operation = {
  id: 'resendEvent',
  method: 'post',
  path: '/v1/batches/{id}/webhooks/{event}/resend',
  tag: 'webhooks',
  summary: 'Send an event again',
  description: 'Whatever became of it, at once and with all attempts anew.',
  parameters: [
    batchIdParameter,
    {
      name: 'event',
      in: 'path',
      schema: z.string(),
      description: 'The id of an event of the batch.',
      example: webhookEventExample.id,
    },
  ],
  answers: [
    {
      status: 202,
      description: 'The event, which waits to be sent.',
      content: { 'application/json': { schema: webhookEventSchema, example: webhookEventExample } },
    },
  ],
  problems: ['batch_not_found', 'event_not_found', 'not_acceptable', 'storage_full'],
};

export const webhookOperations: readonly Operation[] = [getWebhook, resendEvent];
