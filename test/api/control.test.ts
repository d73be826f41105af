import { expect, test } from '@jest/globals';
import type { BatchId } from '../../shared/batch.ts';
import type { StoredResult } from '../../shared/result.ts';
import { storedResult, testApi } from '../support/api.ts';
import { waitFor } from '../support/wait-for.ts';

const api = testApi();
const url = 'https://example.com/';

test('cancels what is left, once and again', async () => {
  const id = await api.submit([url, url]);
  const first = await api.call('POST', `/v1/batches/${id}/cancel`);
  expect(first.status).toBe(200);
  expect(first.json).toMatchObject({ status: 'cancelled', counts: { cancelled: 2, pending: 0 } });
  const again = await api.call('POST', `/v1/batches/${id}/cancel`);
  expect(again.json).toEqual(first.json);
});

test('pauses a batch, and lets it go on', async () => {
  const id = await api.submit([url, url]);
  const onQueue = async (): Promise<string[]> =>
    (await api.redis.zrange(`${api.prefix}:slices:prioritized`, '0', '-1')).filter((job) =>
      job.startsWith(id),
    );
  await waitFor(async () => (await onQueue()).length === 1);
  const paused = await api.call('POST', `/v1/batches/${id}/pause`);
  expect(paused.status).toBe(200);
  expect(paused.json).toMatchObject({
    status: 'paused',
    counts: { pending: 2 },
    links: { resume: `/v1/batches/${id}/resume` },
  });
  expect((await api.call('POST', `/v1/batches/${id}/pause`)).json).toEqual(paused.json);
  const listed = await api.call('GET', '/v1/batches?status=paused');
  expect(listed.json.batches.map((batch: { id: string }) => batch.id)).toEqual([id]);
  const resumed = await api.call('POST', `/v1/batches/${id}/resume`);
  expect(resumed.status).toBe(200);
  expect(resumed.json).toMatchObject({ status: 'queued', links: { pause: `/v1/batches/${id}/pause` } });
  await waitFor(async () => (await onQueue()).includes(`${id}-0-1`));
});

test('only what has not ended can be paused, only what is paused resumed', async () => {
  const id = await api.submit([url]);
  const early = await api.call('POST', `/v1/batches/${id}/resume`);
  expect([early.status, early.json.code]).toEqual([409, 'batch_not_paused']);
  await api.results.record(id, [storedResult(0)]);
  const late = await api.call('POST', `/v1/batches/${id}/pause`);
  expect([late.status, late.json.code]).toEqual([409, 'batch_ended']);
});

test.each(['cancel', 'pause', 'resume', 'retry'])(
  '%s is refused for a batch that is not there',
  async (action) => {
    const answer = await api.call('POST', `/v1/batches/bat_01930000-0000-7000-8000-000000000000/${action}`);
    expect([answer.status, answer.json.code]).toEqual([404, 'batch_not_found']);
    expect((await api.call('POST', `/v1/batches/x/${action}?force=1`)).status).toBe(400);
    expect((await api.call('GET', `/v1/batches/x/${action}`)).status).toBe(405);
  },
);

const failedResult = (index: number, more: Partial<StoredResult> = {}): StoredResult =>
  storedResult(index, {
    outcome: 'failed',
    status: 503,
    failure: { code: 'http_status', message: 'the status 503 is not among 200-399' },
    ...more,
  });

const submitFailed = async (): Promise<BatchId> => {
  const id = await api.submit([url, url, url]);
  await waitFor(async () => (await api.redis.zscore(`${api.prefix}:outbox`, id)) === null);
  await api.results.record(id, [storedResult(0), failedResult(1), failedResult(2, { status: 404 })]);
  return id;
};

test('retries failed results, chosen or all, and delivers the new ones in their place', async () => {
  const id = await submitFailed();
  expect((await api.call('GET', `/v1/batches/${id}`)).json.links.retry).toBe(`/v1/batches/${id}/retry`);
  const first = await api.call('POST', `/v1/batches/${id}/retry`, { json: { statuses: '500-599,429' } });
  expect(first.status).toBe(202);
  expect(first.json).toMatchObject({
    status: 'queued',
    counts: { total: 3, pending: 1, succeeded: 1, failed: 1 },
    endedAt: null,
  });
  expect((await api.call('GET', `/v1/batches/${id}/results/1`)).json.code).toBe('result_pending');
  await api.results.record(id, [storedResult(1, { status: 201 })]);
  const second = await api.call('POST', `/v1/batches/${id}/retry`);
  expect(second.json).toMatchObject({ counts: { pending: 1, succeeded: 2, failed: 0 } });
  await api.results.record(id, [storedResult(2)]);
  const page = await api.call('GET', `/v1/batches/${id}/results`);
  const seen = page.json.results.map((each: { index: number; status: number }) => [each.index, each.status]);
  expect(seen).toEqual([
    [0, 200],
    [1, 201],
    [2, 200],
  ]);
  expect(page.json.isLast).toBe(true);
  const stream = await api.call('GET', `/v1/batches/${id}/results`, {
    headers: { accept: 'application/x-ndjson' },
  });
  expect(stream.text.trimEnd().split('\n')).toHaveLength(3);
  expect((await api.call('GET', `/v1/batches/${id}/results?outcome=failed`)).json.results).toEqual([]);
});

test('a retry that chooses nothing answers with the batch as it is', async () => {
  const id = await submitFailed();
  const before = await api.call('GET', `/v1/batches/${id}`);
  const answer = await api.call('POST', `/v1/batches/${id}/retry`, { json: { codes: ['dns_failed'] } });
  expect([answer.status, answer.json]).toEqual([200, before.json]);
});

test('a retry says why it cannot be: the filter, its form, the batch', async () => {
  const id = await submitFailed();
  const path = `/v1/batches/${id}/retry`;
  const bad = await api.call('POST', path, { json: { code: ['dns_failed'] } });
  expect([bad.status, bad.json.errors]).toEqual([400, [{ pointer: '/code', message: expect.any(String) }]]);
  const text = await api.call('POST', path, { body: 'all', headers: { 'content-type': 'text/plain' } });
  expect(text.status).toBe(415);
  await api.call('POST', path);
  const running = await api.call('POST', path);
  expect([running.status, running.json.code]).toEqual([409, 'batch_running']);
  await api.call('POST', `/v1/batches/${id}/cancel`);
  const closed = await api.call('POST', path);
  expect([closed.status, closed.json.code]).toEqual([409, 'batch_closed']);
});

test('the large body of a new result is its own, whatever the old one had', async () => {
  const id = await submitFailed();
  const bodyOf = async (text: string): Promise<Partial<StoredResult>> => ({
    body: { ref: await api.bodies.put(id, 1, Buffer.from(text)), wireBytes: 3, bytes: 3, truncated: false },
  });
  await api.call('POST', `/v1/batches/${id}/retry`, { json: { indexes: [1] } });
  await api.results.record(id, [failedResult(1, await bodyOf('old'))]);
  await api.call('POST', `/v1/batches/${id}/retry`, { json: { indexes: [1] } });
  expect((await api.call('GET', `/v1/batches/${id}/results/1/body`)).json.code).toBe('result_pending');
  await api.results.record(id, [storedResult(1, await bodyOf('new'))]);
  expect((await api.call('GET', `/v1/batches/${id}/results/1/body`)).text).toBe('new');
});
