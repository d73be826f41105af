// The operations that read what came of the requests of a batch.
import { z } from 'zod';
import { resultPageSchema, resultSchema } from '../delivery/result-schema.ts';
import { resultsQuery } from '../delivery/results-query.ts';
import { eventQuery } from '../events.ts';
import { csvExample, resultExample, resultPageExample } from './examples.ts';
import { toParameters, type Operation } from './operation.ts';
import { batchIdParameter, ifNoneMatchParameter, indexParameter, notModified } from './parameters.ts';

const listResults: Operation = {
  id: 'listResults',
  method: 'get',
  path: '/v1/batches/{id}/results',
  tag: 'results',
  summary: 'Read results, by page or as a stream',
  description:
    '`Accept: application/json` (or none) gets a page; `application/x-ndjson` and `text/csv` get all there are so far. A stream that broke ' +
    'off is taken up again behind the `cursor` of its last whole line, and brings each result exactly once.',
  parameters: [
    batchIdParameter,
    ...toParameters(resultsQuery, {
      format: 'The form, whatever `Accept` says.',
      after: '`next` of the page before, in the same `order`; results behind it are meant.',
      order:
        'As they came in, where nothing is said; or as submitted, up to the first that has no result yet.',
      follow: 'The lines go on until the batch ends; NDJSON only.',
      outcome: 'Only those of this outcome.',
      fields: 'The members to show of each result.',
      limit:
        'How many at most: up to 1000 on a page, 100 where nothing is said; as many as there are in a stream.',
    }),
    ifNoneMatchParameter,
  ],
  answers: [
    {
      status: 200,
      description: 'Results. Those of an ended batch have an `ETag`.',
      headers: ['ETag', 'Content-Disposition'],
      content: {
        'application/json': { schema: resultPageSchema, example: resultPageExample },
        'application/x-ndjson': {
          schema: z.string().describe('A result a line, as `ResultFields` has it.'),
          example: `${JSON.stringify(resultExample)}\n`,
        },
        'text/csv': {
          schema: z.string().describe('As RFC 4180 has it, with a row of names.'),
          example: csvExample,
        },
      },
    },
    notModified,
  ],
  problems: ['batch_not_found', 'not_acceptable'],
};

const getResult: Operation = {
  id: 'getResult',
  method: 'get',
  path: '/v1/batches/{id}/results/{index}',
  tag: 'results',
  summary: 'Read one result',
  parameters: [batchIdParameter, indexParameter, ifNoneMatchParameter],
  answers: [
    {
      status: 200,
      description: 'The result.',
      headers: ['ETag'],
      content: { 'application/json': { schema: resultSchema, example: resultExample } },
    },
    notModified,
  ],
  problems: ['batch_not_found', 'result_not_found', 'result_pending', 'not_acceptable'],
};

const bodyHeaders = ['ETag', 'Accept-Ranges', 'Content-Disposition', 'Content-Security-Policy'] as const;

const getBody: Operation = {
  id: 'getBody',
  method: 'get',
  path: '/v1/batches/{id}/results/{index}/body',
  tag: 'results',
  summary: 'Read the response body of one result as bytes',
  description: 'Its content coding is undone where that can be done. A browser is kept from running it.',
  parameters: [
    batchIdParameter,
    indexParameter,
    { name: 'Range', in: 'header', schema: z.string(), description: 'One part of it: `bytes=0-1023`.' },
    {
      name: 'If-Range',
      in: 'header',
      schema: z.string(),
      description: 'An `ETag`: the part only if it is still the same, else the whole.',
    },
    ifNoneMatchParameter,
  ],
  answers: [
    {
      status: 200,
      description: 'The bytes, of their own type where a browser can do no harm with it.',
      headers: bodyHeaders,
      content: { '*/*': { schema: z.unknown() } },
    },
    {
      status: 206,
      description: 'The part that `Range` asks for.',
      headers: [...bodyHeaders, 'Content-Range'],
      content: { '*/*': { schema: z.unknown() } },
    },
    { status: 304, description: 'It is the one of `If-None-Match`.', headers: ['ETag', 'Accept-Ranges'] },
  ],
  problems: [
    'batch_not_found',
    'result_not_found',
    'result_pending',
    'body_not_found',
    'range_not_satisfiable',
  ],
};

const followBatch: Operation = {
  id: 'followBatch',
  method: 'get',
  path: '/v1/batches/{id}/events',
  tag: 'results',
  summary: 'Follow a batch as server-sent events',
  description:
    '`progress` (the batch, whenever it has moved), `result` (of each request; never its body) and `end` (the batch), after which it ' +
    'closes. Who comes back with `Last-Event-ID`, as `EventSource` does by itself, hears each result once.',
  parameters: [
    batchIdParameter,
    ...toParameters(eventQuery, {
      types: 'The events to hear of; all where nothing is said.',
      fields: 'The members to tell of each result.',
      after: 'A cursor; results behind it are told.',
    }),
    {
      name: 'Last-Event-ID',
      in: 'header',
      schema: z.string(),
      description: 'The id of the last event that was heard; goes before `after`.',
    },
  ],
  answers: [
    {
      status: 200,
      description: 'Events as they come.',
      content: {
        'text/event-stream': {
          schema: z
            .string()
            .describe('`data` is a `Batch` in `progress` and `end`, and `ResultFields` in `result`.'),
        },
      },
    },
    { status: 204, description: 'The batch has ended, and `Last-Event-ID` says that this was heard.' },
  ],
  problems: ['batch_not_found', 'not_acceptable', 'last_event_id_invalid'],
};

export const resultOperations: readonly Operation[] = [listResults, getResult, getBody, followBatch];
