// The operations that steer a batch: cancel, pause, resume, retry.
import { batchViewSchema } from '../delivery/batch-view.ts';
import { retryFilterSchema } from '../retry-filter.ts';
import { retryExamples } from './body-examples.ts';
import { batchExample } from './examples.ts';
import { bodyProblems, type Operation } from './operation.ts';
import { batchIdParameter } from './parameters.ts';

const content = { 'application/json': { schema: batchViewSchema, example: batchExample } };

const cancelBatch: Operation = {
  id: 'cancelBatch',
  method: 'post',
  path: '/v1/batches/{id}/cancel',
  tag: 'control',
  summary: 'End what has not ended, at once',
  description: 'Requests that have no result yet end as `cancelled`. One that has ended stays as it is.',
  parameters: [batchIdParameter],
  answers: [{ status: 200, description: 'The batch, which has ended.', content }],
  problems: ['batch_not_found', 'not_acceptable'],
};

const pauseBatch: Operation = {
  id: 'pauseBatch',
  method: 'post',
  path: '/v1/batches/{id}/pause',
  tag: 'control',
  summary: 'Stop sending',
  description:
    'What was in flight is sent again after resuming, except `POST` and `PATCH`, which are left to end.',
  parameters: [batchIdParameter],
  answers: [{ status: 200, description: 'The batch, which is paused.', content }],
  problems: ['batch_not_found', 'not_acceptable', 'batch_ended', 'storage_full'],
};

const resumeBatch: Operation = {
  id: 'resumeBatch',
  method: 'post',
  path: '/v1/batches/{id}/resume',
  tag: 'control',
  summary: 'Go on with a paused batch',
  parameters: [batchIdParameter],
  answers: [{ status: 200, description: 'The batch, which goes on.', content }],
  problems: ['batch_not_found', 'not_acceptable', 'batch_not_paused', 'storage_full'],
};

const retryBatch: Operation = {
  id: 'retryBatch',
  method: 'post',
  path: '/v1/batches/{id}/retry',
  tag: 'control',
  summary: 'Try failed results of a completed batch again',
  description:
    'All of them, or those that pass every condition of the body. New results take the place of the old.',
  parameters: [batchIdParameter],
  body: {
    isRequired: false,
    description: 'Which of the failed results; without a body, all of them.',
    content: { 'application/json': { schema: retryFilterSchema, examples: retryExamples } },
  },
  answers: [
    { status: 200, description: 'The batch as it was: no result was chosen.', content },
    { status: 202, description: 'The batch, which runs again.', content },
  ],
  problems: [
    ...bodyProblems,
    'batch_not_found',
    'not_acceptable',
    'batch_closed',
    'batch_running',
    'storage_full',
  ],
};

export const controlOperations: readonly Operation[] = [cancelBatch, pauseBatch, resumeBatch, retryBatch];
