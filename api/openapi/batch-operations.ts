// The operations of batches: list, read, wait, explain, delete.
import { batchListQuery, batchQuery } from '../batches.ts';
import { batchPageSchema, batchViewSchema } from '../delivery/batch-view.ts';
import { explanationSchema } from '../explain.ts';
import { batchExample } from './examples.ts';
import { toParameters, type Operation } from './operation.ts';
import { batchIdParameter, ifNoneMatchParameter, notModified } from './parameters.ts';
import { explanationExample } from './report-examples.ts';

const batchContent = { 'application/json': { schema: batchViewSchema, example: batchExample } };

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
    ifNoneMatchParameter,
  ],
  answers: [
    {
      status: 200,
      description: 'The batch as it is. One that has ended has an `ETag`.',
      headers: ['ETag'],
      content: batchContent,
    },
    notModified,
  ],
  problems: ['batch_not_found', 'not_acceptable'],
};

const explainBatch: Operation = {
  id: 'explainBatch',
  method: 'get',
  path: '/v1/batches/{id}/explain',
  tag: 'batches',
  summary: 'See where the time of a batch went',
  description:
    'And what went wrong, also while it runs. The answer may be 2 s old, or a minute for a batch that has ended.',
  parameters: [batchIdParameter, ifNoneMatchParameter],
  answers: [
    {
      status: 200,
      description: 'The figures, and what they give reason to do. Those of an ended batch have an `ETag`.',
      headers: ['ETag'],
      content: { 'application/json': { schema: explanationSchema, example: explanationExample } },
    },
    notModified,
  ],
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

export const batchOperations: readonly Operation[] = [listBatches, getBatch, explainBatch, deleteBatch];
