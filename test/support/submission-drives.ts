// What the operations that take requests in are asked: see drives.ts.
import { gzipSync } from 'node:zlib';
import {
  appendExamples,
  ndjsonExamples,
  submissionExamples,
  textExamples,
} from '../../api/openapi/body-examples.ts';
import type { Crowding } from '../../shared/capacity.ts';
import type { Answer, CallOptions, TestApi } from './api.ts';
import { createBatches } from './batches-by-state.ts';
import type { Drive } from './drives.ts';

export type CrowdedApi = {
  readonly api: TestApi;
  /** What its store has no room for from now on. */
  fill(by: Crowding | undefined): void;
};

const url = 'https://example.com/';
const json = { urls: [url] };

const forms: readonly CallOptions[] = [
  { body: ndjsonExamples.lines.value, headers: { 'content-type': 'application/x-ndjson' } },
  { body: textExamples.lines.value, headers: { 'content-type': 'text/plain' } },
  {
    body: gzipSync(textExamples.lines.value),
    headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' },
  },
];

const toJson = (examples: object): CallOptions[] =>
  Object.values(examples).map(({ value }: { value: unknown }) => ({ json: value }));

export const createSubmissionDrives = (
  api: TestApi,
  crowded: CrowdedApi,
): Readonly<Record<string, readonly Drive[]>> => {
  const { open, openThenCancelled, running } = createBatches(api);
  const post = (path: string, more: CallOptions): Promise<Answer> => api.call('POST', path, more);
  const under = (path: string, key: string, sent: object): Promise<Answer> =>
    post(path, { json: sent, headers: { 'idempotency-key': key } });
  const submit = (key: string, sent: object = json): Promise<Answer> => under('/v1/batches', key, sent);
  const append =
    (more: CallOptions, made = open, query = ''): Drive =>
    async () =>
      await post(`/v1/batches/${await made()}/requests${query}`, more);
  const seal =
    (made: typeof open): Drive =>
    async () =>
      await post(`/v1/batches/${await made()}/seal`, {});
  const whenFull = (path: string): Drive[] =>
    (['memory', 'backlog'] as const).map((by) => async () => {
      crowded.fill(undefined);
      const id = await crowded.api.submit([], { open: true });
      crowded.fill(by);
      return await crowded.api.call('POST', path.replace('{id}', id), { json });
    });
  return {
    submitBatch: [
      ...[...toJson(submissionExamples), ...forms].map((more) => () => post('/v1/batches', more)),
      () => submit('again').then(() => submit('again')),
      () => submit('other').then(() => submit('other', { urls: [`${url}2`] })),
      async () => {
        const { id } = (await submit('gone')).json as { id: string };
        await api.call('POST', `/v1/batches/${id}/cancel`);
        await api.call('DELETE', `/v1/batches/${id}`);
        return await submit('gone');
      },
      ...whenFull('/v1/batches'),
    ],
    planBatch: [...toJson(submissionExamples), ...forms, { json: { urls: [url, url, 'nonsense'] } }].map(
      (more) => () => post('/v1/plans', more),
    ),
    appendRequests: [
      ...[...toJson(appendExamples), ...forms].map((more) => append(more)),
      async () => {
        const path = `/v1/batches/${await open()}/requests`;
        await under(path, 'a', json);
        return await under(path, 'a', { urls: [`${url}2`] });
      },
      append({ json }, open, '?offset=9'),
      append({ json }, openThenCancelled),
      append({ json }, running),
      ...whenFull('/v1/batches/{id}/requests'),
    ],
    sealBatch: [seal(open), seal(openThenCancelled)],
  };
};
