// Batches in every state that operations can find one in.
import { submissionExamples } from '../../api/openapi/body-examples.ts';
import type { BatchId } from '../../shared/batch.ts';
import { storedResult, type TestApi } from './api.ts';

const url = 'https://example.com/';
const body = { inline: Buffer.from('{"a":1}'), wireBytes: 7, bytes: 7, truncated: false };
const connection = { reused: false, policy: 'fresh', remoteAddress: '127.0.0.1' } as const;
const failure = { code: 'http_status', message: 'the status 503 is not among 200-399' } as const;
const headers = ['content-type', 'application/json', 'set-cookie', 'a=1', 'set-cookie', 'b=2'];

export type Making = () => Promise<BatchId>;

type State = 'open' | 'openThenCancelled' | 'running' | 'cancelled' | 'paused' | 'completed' | 'told';

export const createBatches = (api: TestApi): Record<State, Making> => {
  const submit: Making = () =>
    api.submit([url, `${url}2`], { metadata: { run: 1 }, perHost: { concurrency: 2 } });
  const open: Making = () => api.submit([], { open: true });
  const after =
    (action: string, made = submit): Making =>
    async () => {
      const id = await made();
      await api.call('POST', `/v1/batches/${id}/${action}`);
      return id;
    };
  return {
    open,
    openThenCancelled: after('cancel', open),
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
