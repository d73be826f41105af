// What the operations of the API are asked in order to have every answer of their own, by operation: successes, and refusals
// that depend on how things stand. Those that any operation gives are in provocations.ts.
import { limitsExamples } from '../../api/openapi/body-examples.ts';
import type { Answer, CallOptions, TestApi } from './api.ts';
import { createBatches, type Making } from './batches-by-state.ts';
import { createSubmissionDrives, type CrowdedApi } from './submission-drives.ts';

export type Drive = () => Promise<Answer>;

export type DriveApis = {
  readonly api: TestApi;
  /** With a store that may have no room for more. */
  readonly crowded: CrowdedApi;
  /** One that stops. */
  readonly stopping: TestApi;
};

const host = '/v1/hosts/http%3A%2F%2Fdriven.test';

export const createDrives = ({
  api,
  crowded,
  stopping,
}: DriveApis): Readonly<Record<string, readonly Drive[]>> => {
  const batches = createBatches(api);
  const { running, cancelled, completed } = batches;
  const on =
    (made: Making, method: string, path = '', more: CallOptions = {}): Drive =>
    async () =>
      await api.call(method, `/v1/batches/${await made()}${path}`, more);
  const get = (path: string): Drive => on(completed, 'GET', path);
  const plain =
    (method: string, path: string, more?: CallOptions, its = api): Drive =>
    () =>
      its.call(method, path, more);
  const again = async (path: string): Promise<Answer> => {
    const { etag } = (await api.call('GET', path)).headers;
    return await api.call('GET', path, { headers: { 'if-none-match': String(etag) } });
  };
  return {
    ...createSubmissionDrives(api, crowded),
    listBatches: [plain('GET', '/v1/batches'), plain('GET', '/v1/batches?limit=1')],
    getBatch: [
      ...[batches.open, running, cancelled, completed].map((made) => on(made, 'GET')),
      async () => await again(`/v1/batches/${await completed()}`),
    ],
    explainBatch: [
      ...[running, completed, batches.open].map((made) => on(made, 'GET', '/explain')),
      async () => await again(`/v1/batches/${await completed()}/explain`),
    ],
    deleteBatch: [on(cancelled, 'DELETE'), on(running, 'DELETE')],
    cancelBatch: [on(running, 'POST', '/cancel'), on(completed, 'POST', '/cancel')],
    pauseBatch: [on(running, 'POST', '/pause'), on(completed, 'POST', '/pause')],
    resumeBatch: [on(batches.paused, 'POST', '/resume'), on(running, 'POST', '/resume')],
    retryBatch: [
      on(completed, 'POST', '/retry', { json: { ids: ['nobody'] } }),
      on(completed, 'POST', '/retry', { json: { statuses: '500-599,429' } }),
      on(completed, 'POST', '/retry'),
      on(cancelled, 'POST', '/retry'),
      on(running, 'POST', '/retry'),
    ],
    listResults: [
      get('/results'),
      get('/results?fields=url,status,cursor&order=index'),
      get('/results?format=csv'),
      get('/results?follow=true'),
      on(completed, 'GET', '/results', { headers: { accept: 'application/x-ndjson' } }),
      async () => await again(`/v1/batches/${await completed()}/results`),
      on(cancelled, 'GET', '/results'),
    ],
    getResult: [
      get('/results/0'),
      get('/results/1'),
      get('/results/9'),
      on(running, 'GET', '/results/0'),
      async () => await again(`/v1/batches/${await completed()}/results/0`),
    ],
    getBody: [
      get('/results/0/body'),
      on(completed, 'GET', '/results/0/body', { headers: { range: 'bytes=0-1' } }),
      on(completed, 'GET', '/results/0/body', { headers: { range: 'bytes=100-' } }),
      async () => await again(`/v1/batches/${await completed()}/results/0/body`),
      get('/results/1/body'),
      get('/results/9/body'),
      on(running, 'GET', '/results/0/body'),
    ],
    followBatch: [
      get('/events'),
      on(completed, 'GET', '/events', { headers: { 'last-event-id': '0-end' } }),
      on(completed, 'GET', '/events', { headers: { 'last-event-id': 'x' } }),
    ],
    getWebhook: [on(batches.told, 'GET', '/webhooks'), on(running, 'GET', '/webhooks')],
    resendEvent: [
      async () => {
        const { events } = (await on(batches.told, 'GET', '/webhooks')()).json as Webhook;
        return await api.call('POST', events[0]?.links.resend ?? '');
      },
      on(batches.told, 'POST', '/webhooks/evt_1/resend'),
    ],
    listHosts: [plain('GET', '/v1/hosts')],
    getHost: [plain('GET', host)],
    setHostLimits: Object.values(limitsExamples).map(({ value }) => plain('PUT', host, { json: value })),
    removeHostLimits: [plain('DELETE', host)],
    livez: [plain('GET', '/livez')],
    readyz: [
      plain('GET', '/readyz'),
      () => {
        crowded.fill('memory');
        return crowded.api.call('GET', '/readyz');
      },
      () => {
        stopping.stop();
        return stopping.call('GET', '/readyz');
      },
    ],
    getDescription: [plain('GET', '/openapi.json')],
    getReference: [plain('GET', '/docs')],
    getMetrics: [plain('GET', '/metrics')],
    listProblems: [plain('GET', '/problems')],
    getProblem: [plain('GET', '/problems/internal'), plain('GET', '/problems/nonsense')],
  };
};

type Webhook = { readonly events: readonly { readonly links: { readonly resend: string } }[] };
