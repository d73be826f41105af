// What the operations of the API are asked in order to have every answer of their own, by operation: successes, and refusals
// that depend on how things stand. Those that any operation gives are in provocations.ts.
import { limitsExamples, submissionExamples } from '../../api/openapi/examples.ts';
import type { BatchId } from '../../shared/batch.ts';
import { storedResult, type Answer, type CallOptions, type TestApi } from './api.ts';

export type Drive = () => Promise<Answer>;

export type DriveApis = {
  readonly api: TestApi;
  /** With a store that has no room for more. */
  readonly crowded: { readonly memory: TestApi; readonly backlog: TestApi };
  /** One that stops. */
  readonly stopping: TestApi;
};

const url = 'https://example.com/';
const host = '/v1/hosts/http%3A%2F%2Fdriven.test';
const body = { inline: Buffer.from('{"a":1}'), wireBytes: 7, bytes: 7, truncated: false };
const connection = { reused: false, policy: 'fresh', remoteAddress: '127.0.0.1' } as const;
const failure = { code: 'http_status', message: 'the status 503 is not among 200-399' } as const;
const headers = ['content-type', 'application/json', 'set-cookie', 'a=1', 'set-cookie', 'b=2'];

export const createDrives = ({
  api,
  crowded,
  stopping,
}: DriveApis): Readonly<Record<string, readonly Drive[]>> => {
  const batches = createBatches(api);
  const { running, cancelled, completed } = batches;
  const on =
    (made: () => Promise<BatchId>, method: string, path = '', more: CallOptions = {}): Drive =>
    async () =>
      await api.call(method, `/v1/batches/${await made()}${path}`, more);
  const get = (path: string): Drive => on(completed, 'GET', path);
  const plain =
    (method: string, path: string, more?: CallOptions, its = api): Drive =>
    () =>
      its.call(method, path, more);
  const post = (json: unknown, more: CallOptions = {}, its = api): Drive =>
    plain('POST', '/v1/batches', { json, ...more }, its);
  const json = { urls: [url] };
  const keyed = (key: string, sent: object): Promise<Answer> =>
    post(sent, { headers: { 'idempotency-key': key } })();
  return {
    submitBatch: [
      ...Object.values(submissionExamples).map(({ value }) => post(value)),
      () => keyed('again', json).then(() => keyed('again', json)),
      () => keyed('other', json).then(() => keyed('other', { urls: [`${url}2`] })),
      post(json, { headers: { 'idempotency-key': 'a b' } }),
      async () => {
        const { id } = (await keyed('gone', json)).json as { id: string };
        await api.call('POST', `/v1/batches/${id}/cancel`);
        await api.call('DELETE', `/v1/batches/${id}`);
        return await keyed('gone', json);
      },
      post({ urls: Array.from({ length: 11 }, () => url) }),
      post(json, {}, crowded.memory),
      post(json, {}, crowded.backlog),
    ],
    listBatches: [plain('GET', '/v1/batches'), plain('GET', '/v1/batches?limit=1')],
    getBatch: [running, cancelled, completed].map((made) => on(made, 'GET')),
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
      on(cancelled, 'GET', '/results'),
    ],
    getResult: [get('/results/0'), get('/results/1'), get('/results/9'), on(running, 'GET', '/results/0')],
    getBody: [
      get('/results/0/body'),
      on(completed, 'GET', '/results/0/body', { headers: { range: 'bytes=0-1' } }),
      on(completed, 'GET', '/results/0/body', { headers: { range: 'bytes=100-' } }),
      async () => {
        const path = `/v1/batches/${await completed()}/results/0/body`;
        const { etag } = (await api.call('GET', path)).headers;
        return await api.call('GET', path, { headers: { 'if-none-match': String(etag) } });
      },
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
      plain('GET', '/readyz', {}, crowded.memory),
      () => {
        stopping.stop();
        return stopping.call('GET', '/readyz');
      },
    ],
    getDescription: [plain('GET', '/openapi.json')],
    getReference: [plain('GET', '/docs')],
  };
};

type Webhook = { readonly events: readonly { readonly links: { readonly resend: string } }[] };

type Making = () => Promise<BatchId>;

const createBatches = (
  api: TestApi,
): Record<'running' | 'cancelled' | 'paused' | 'completed' | 'told', Making> => {
  const submit: Making = () =>
    api.submit([url, `${url}2`], { metadata: { run: 1 }, perHost: { concurrency: 2 } });
  const after =
    (action: string): Making =>
    async () => {
      const id = await submit();
      await api.call('POST', `/v1/batches/${id}/${action}`);
      return id;
    };
  return {
    running: submit,
    cancelled: after('cancel'),
    paused: after('pause'),
    async told() {
      const id = await api.submit([url], submissionExamples.webhook.value);
      await api.results.record(id, [storedResult(0)]);
      return id;
    },
    async completed() {
      const id = await submit();
      const attempt = { startedAt: 1_700_000_000_000, waitMs: 0, totalMs: 1.5 };
      await api.results.record(id, [
        storedResult(0, { headers, body, connection, attempts: [{ ...attempt, status: 200, connection }] }),
        storedResult(1, {
          id: 'a-1',
          outcome: 'failed',
          status: 503,
          failure,
          finalUrl: `${url}end`,
          redirects: [{ url, status: 302 }],
          attempts: [
            { ...attempt, status: 429, throttled: true },
            { ...attempt, waitMs: 20, failure: { code: 'timed_out', message: 'no first byte' } },
          ],
        }),
      ]);
      return id;
    },
  };
};
