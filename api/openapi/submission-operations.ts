// The operations that take requests in: submit, plan, append, seal.
import { z } from 'zod';
import { batchViewSchema } from '../delivery/batch-view.ts';
import { planViewSchema } from '../delivery/plan-view.ts';
import { appendViewSchema } from '../submission/append.ts';
import { appendQuery } from '../submission/incoming-append.ts';
import { settingsQuery } from '../submission/query-settings.ts';
import { appendExamples, ndjsonExamples, submissionExamples, textExamples } from './body-examples.ts';
import { appendSchema, submissionSchema } from './components.ts';
import { appendExample, batchExample, openBatchExample } from './examples.ts';
import { bodyProblems, toParameters, type Operation, type RequestBody } from './operation.ts';
import { batchIdParameter, contentEncodingParameter, idempotencyKeyParameter } from './parameters.ts';
import { planExample } from './report-examples.ts';

const byLines = {
  'application/x-ndjson': {
    schema: z.string().describe('On each line a `FetchRequest`, or a URL as a JSON string.'),
    examples: ndjsonExamples,
  },
  'text/plain': { schema: z.string().describe('On each line a URL.'), examples: textExamples },
} as const;

const submissionBody: RequestBody = {
  isRequired: true,
  description:
    'JSON as a whole; or lines, which are read as they come, however many: the fields of the batch then stand in the query.',
  content: { 'application/json': { schema: submissionSchema, examples: submissionExamples }, ...byLines },
};

const ofLines = 'By lines only: ';

const settingsParameters = toParameters(settingsQuery, {
  name: `${ofLines}a name for people.`,
  metadata: `${ofLines}whatever you want back with the batch, as JSON.`,
  priority: `${ofLines}its part of the workers beside other batches; 50 where nothing is said.`,
  perHost: `${ofLines}limits for each host that it asks, as JSON.`,
  notBefore: `${ofLines}when it may start.`,
  expiresIn: `${ofLines}seconds; what has not ended by then ends as \`expired\`.`,
  retention: `${ofLines}seconds that all is kept after the end.`,
  defaults: `${ofLines}what every request takes that does not say otherwise, as JSON.`,
  onInvalid: `${ofLines}\`fail\` accepts the batch though some of its requests are not valid.`,
  open: `${ofLines}more requests can be appended until it is sealed.`,
  dedupe: `${ofLines}of requests that are alike only the first is taken.`,
  webhook: `${ofLines}where to send word when it ends, or comes further, as JSON.`,
});

const submissionProblems = [
  ...bodyProblems,
  'idempotency_key_invalid',
  'not_acceptable',
  'too_many_requests_in_batch',
] as const;

const submitBatch: Operation = {
  id: 'submitBatch',
  method: 'post',
  path: '/v1/batches',
  tag: 'submission',
  summary: 'Submit a batch',
  description:
    'A 202 means that every request of it will have exactly one result. A 503, a 507 or a closed connection leaves open whether the ' +
    'batch was accepted: send it with an `Idempotency-Key`, and send it again under the same key until it is answered.',
  parameters: [idempotencyKeyParameter, contentEncodingParameter, ...settingsParameters],
  body: submissionBody,
  answers: [
    {
      status: 202,
      description: 'The batch was accepted.',
      headers: ['Location', 'Idempotency-Replayed'],
      content: { 'application/json': { schema: batchViewSchema, example: batchExample } },
    },
  ],
  problems: [
    ...submissionProblems,
    'line_too_large',
    'idempotency_key_in_use',
    'batch_gone',
    'idempotency_key_reused',
    'backlog_full',
    'storage_full',
  ],
};

const planBatch: Operation = {
  id: 'planBatch',
  method: 'post',
  path: '/v1/plans',
  tag: 'submission',
  summary: 'See what would come of a batch',
  description: 'Takes what a batch takes, in every form; fetches and stores nothing. No name is looked up.',
  parameters: [idempotencyKeyParameter, contentEncodingParameter, ...settingsParameters],
  body: submissionBody,
  answers: [
    {
      status: 200,
      description: 'The plan.',
      content: { 'application/json': { schema: planViewSchema, example: planExample } },
    },
  ],
  problems: submissionProblems,
};

const appendRequests: Operation = {
  id: 'appendRequests',
  method: 'post',
  path: '/v1/batches/{id}/requests',
  tag: 'submission',
  summary: 'Append requests to an open batch',
  description:
    'As a whole or not at all, one append after the other. It may be sent again, after a lost answer or a closed connection: the very ' +
    'same body is only appended once, unless an `Idempotency-Key` tells one from the other; or say the `offset`.',
  parameters: [
    batchIdParameter,
    idempotencyKeyParameter,
    contentEncodingParameter,
    ...toParameters(appendQuery, {
      offset: 'The index of its first request: what the batch has from there on is left out.',
      onInvalid: '`fail` accepts it though some of its requests are not valid.',
    }),
  ],
  body: {
    isRequired: true,
    description: 'JSON as a whole; or lines, which are read as they come, however many.',
    content: { 'application/json': { schema: appendSchema, examples: appendExamples }, ...byLines },
  },
  answers: [
    {
      status: 202,
      description: 'They were accepted.',
      content: { 'application/json': { schema: appendViewSchema, example: appendExample } },
    },
  ],
  problems: [
    ...submissionProblems,
    'line_too_large',
    'batch_not_found',
    'append_ahead',
    'append_in_progress',
    'batch_closed',
    'batch_sealed',
    'idempotency_key_reused',
    'backlog_full',
    'storage_full',
  ],
};

const sealBatch: Operation = {
  id: 'sealBatch',
  method: 'post',
  path: '/v1/batches/{id}/seal',
  tag: 'submission',
  summary: 'End appending',
  description: 'Only a sealed batch can be `completed`. It may be sent again.',
  parameters: [batchIdParameter],
  answers: [
    {
      status: 200,
      description: 'The batch, which is sealed.',
      content: { 'application/json': { schema: batchViewSchema, example: openBatchExample } },
    },
  ],
  problems: ['batch_not_found', 'not_acceptable', 'batch_closed', 'storage_full'],
};

export const submissionOperations: readonly Operation[] = [submitBatch, planBatch, appendRequests, sealBatch];
