// The operations of batches: submit, list, read, wait, delete.
import { z } from 'zod';
import { batchListQuery, batchQuery } from '../batches.ts';
import { batchPageSchema, batchViewSchema } from '../delivery/batch-view.ts';
import { submissionSchema } from './components.ts';
import { batchExample, submissionExamples } from './examples.ts';
import { bodyProblems, toParameters, type Operation } from './operation.ts';
import { batchIdParameter } from './parameters.ts';

const batchContent = { 'application/json': { schema: batchViewSchema, example: batchExample } };

const submitBatch: Operation = {
  id: 'submitBatch',
  method: 'post',
  path: '/v1/batches',
  tag: 'batches',
  summary: 'Submit a batch',
  description:
    'A 202 means that every request of it will have exactly one result. A 503, a 507 or a closed connection leaves open whether the ' +
    'batch was accepted: send it with an `Idempotency-Key`, and send it again under the same key until it is answered.',
  parameters: [
    {
      name: 'Idempotency-Key',
      in: 'header',
      schema: z.string().min(1),
      description:
        'Up to 255 visible ASCII characters, such as a new UUID. What is sent again under it makes no second batch and is answered as the first.',
    },
  ],
  body: {
    isRequired: true,
    description: 'May be sent with `Content-Encoding` gzip, deflate or br.',
    content: { 'application/json': { schema: submissionSchema, examples: submissionExamples } },
  },
  answers: [
    {
      status: 202,
      description: 'The batch was accepted.',
      headers: {
        Location: 'Path of the batch.',
        'Idempotency-Replayed': '`true` where it was accepted before, under the same key.',
      },
      content: batchContent,
    },
  ],
  problems: [
    ...bodyProblems,
    'idempotency_key_invalid',
    'not_acceptable',
    'idempotency_key_in_use',
    'batch_gone',
    'too_many_requests_in_batch',
    'idempotency_key_reused',
    'backlog_full',
    'storage_full',
  ],
};

const listBatches: Operation = {
  id: 'listBatches',
  method: 'get',
  path: '/v1/batches',
  tag: 'batches',
  summary: 'List your batches, newest first',
  parameters: toParameters(batchListQuery, {
    limit: 'How many at most; 20 where nothing is said.',
    after: '`next` of the page before.',
    status: 'Only those of this status.',
  }),
  answers: [
    {
      status: 200,
      description: 'A page of batches.',
      content: {
        'application/json': {
          schema: batchPageSchema,
          example: { batches: [batchExample], next: batchExample.id },
        },
      },
    },
  ],
  problems: ['not_acceptable'],
};

const getBatch: Operation = {
  id: 'getBatch',
  method: 'get',
  path: '/v1/batches/{id}',
  tag: 'batches',
  summary: 'Read a batch, or wait for its end',
  parameters: [
    batchIdParameter,
    ...toParameters(batchQuery, {
      wait: { description: 'Answers when the batch ends, or after so many seconds.', example: 30 },
    }),
  ],
  answers: [{ status: 200, description: 'The batch as it is.', content: batchContent }],
  problems: ['batch_not_found', 'not_acceptable'],
};

const deleteBatch: Operation = {
  id: 'deleteBatch',
  method: 'delete',
  path: '/v1/batches/{id}',
  tag: 'batches',
  summary: 'Remove an ended batch and its results',
  parameters: [batchIdParameter],
  answers: [{ status: 204, description: 'It is gone.' }],
  problems: ['batch_not_found', 'not_acceptable', 'batch_running'],
};

export const batchOperations: readonly Operation[] = [submitBatch, listBatches, getBatch, deleteBatch];
