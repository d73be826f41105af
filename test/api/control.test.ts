import { expect, test } from '@jest/globals';
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

test.each(['cancel', 'pause', 'resume'])('%s is refused for a batch that is not there', async (action) => {
  const answer = await api.call('POST', `/v1/batches/bat_01930000-0000-7000-8000-000000000000/${action}`);
  expect([answer.status, answer.json.code]).toEqual([404, 'batch_not_found']);
  expect((await api.call('POST', `/v1/batches/x/${action}?force=1`)).status).toBe(400);
  expect((await api.call('GET', `/v1/batches/x/${action}`)).status).toBe(405);
});
