import { expect, test } from '@jest/globals';
import { storedResult, testApi } from '../support/api.ts';
import { waitFor } from '../support/wait-for.ts';

const api = testApi();

const url = 'https://example.com/';

test('accepts a batch, and says where it is', async () => {
  const answer = await api.call('POST', '/v1/batches', {
    json: { requests: [{ url }], name: 'first', metadata: { team: 'a' } },
  });
  expect(answer.status).toBe(202);
  expect(answer.headers['location']).toBe(`/v1/batches/${answer.json.id}`);
  expect(answer.json).toMatchObject({
    name: 'first',
    metadata: { team: 'a' },
    status: 'queued',
    counts: { total: 1, pending: 1, running: 0, succeeded: 0, failed: 0, cancelled: 0, expired: 0 },
    progress: 0,
    startedAt: null,
    endedAt: null,
    links: { self: `/v1/batches/${answer.json.id}` },
  });
  const read = await api.call('GET', `/v1/batches/${answer.json.id}`);
  expect(read.status).toBe(200);
  expect(read.json).toEqual(answer.json);
});

test('waits for the end of a batch, and answers at once when it comes', async () => {
  const id = await api.submit([url]);
  const begun = performance.now();
  const waiting = api.call('GET', `/v1/batches/${id}?wait=30`);
  const early = await Promise.race([waiting, api.call('GET', `/v1/batches/${id}`)]);
  expect(early.json.status).toBe('queued');
  await api.results.record(id, [storedResult(0)]);
  const answer = await waiting;
  expect(answer.json).toMatchObject({ status: 'completed', progress: 1, counts: { succeeded: 1 } });
  expect(performance.now() - begun).toBeLessThan(4000);
});

test('who waited is answered as who asks afterwards, each with an id of their own', async () => {
  const id = await api.submit([url]);
  const at = `/v1/batches/${id}?wait=30`;
  const named = (name: string): Record<string, string> => ({ 'x-request-id': name });
  const waiting = [
    ...['a', 'b', 'c'].map((name) => api.call('GET', at, { headers: named(name) })),
    api.call('HEAD', at, { headers: named('d') }),
    api.call('GET', at, { headers: { ...named('e'), 'if-none-match': '*' } }),
    api.call('GET', at, { headers: named('f'), body: 'which nobody asked for' }),
  ];
  await waitFor(async () => (await openCalls()) === waiting.length + 1);
  await api.call('POST', `/v1/batches/${id}/cancel`);
  const answers = await Promise.all(waiting);
  const after = await api.call('GET', `/v1/batches/${id}`);
  expect(after.json).toMatchObject({ status: 'cancelled' });
  expect(answers.map(({ headers }) => headers['x-request-id'])).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 304, 200]);
  expect(answers.map(({ text }) => text)).toEqual([...Array(3).fill(after.text), '', '', after.text]);
  for (const { headers } of answers) {
    expect(headers).toMatchObject({
      etag: after.headers['etag'],
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
    });
  }
  expect(answers[3]?.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'content-length': after.headers['content-length'],
  });
});

/** How many calls are under way, this one among them. */
const openCalls = async (): Promise<number> => {
  const { text } = await api.call('GET', '/metrics');
  return Number(/^fetchfleet_api_open_calls (\d+)$/m.exec(text)?.[1]);
};

test('answers a wait that runs out with the batch as it is', async () => {
  const id = await api.submit([url]);
  const answer = await api.call('GET', `/v1/batches/${id}?wait=1`);
  expect(answer.status).toBe(200);
  expect(answer.json.status).toBe('queued');
});

test('a batch that is to start later is queued until then, and can be cancelled meanwhile', async () => {
  const notBefore = new Date(Date.now() + 600_000).toISOString();
  const id = await api.submit([url], { notBefore });
  const read = await api.call('GET', `/v1/batches/${id}`);
  expect(read.json).toMatchObject({ status: 'queued', notBefore });
  const answer = await api.call('POST', `/v1/batches/${id}/cancel`);
  expect(answer.json).toMatchObject({ status: 'cancelled', counts: { cancelled: 1 } });
});

test('deletes a batch only when it has ended', async () => {
  const id = await api.submit([url]);
  const early = await api.call('DELETE', `/v1/batches/${id}`);
  expect(early.status).toBe(409);
  expect(early.json.code).toBe('batch_running');
  await api.call('POST', `/v1/batches/${id}/cancel`);
  await api.bodies.put(id, 0, Buffer.from('kept'));
  const answer = await api.call('DELETE', `/v1/batches/${id}`);
  expect(answer.status).toBe(204);
  expect(await api.bodies.batches()).not.toContain(id);
  expect((await api.call('GET', `/v1/batches/${id}`)).status).toBe(404);
  expect((await api.call('DELETE', `/v1/batches/${id}`)).json.code).toBe('batch_not_found');
});

test('lists batches, newest first, page by page, by status', async () => {
  const ids = [await api.submit([url]), await api.submit([url]), await api.submit([url])].toReversed();
  const first = await api.call('GET', '/v1/batches?limit=2');
  expect(first.json.batches.map((batch: { id: string }) => batch.id)).toEqual(ids.slice(0, 2));
  expect(first.json.next).toBe(ids[1]);
  const second = await api.call('GET', `/v1/batches?limit=2&after=${first.json.next}`);
  expect(second.json.batches[0].id).toBe(ids[2]);
  await api.call('POST', `/v1/batches/${ids[2]}/cancel`);
  const cancelled = await api.call('GET', '/v1/batches?status=cancelled&limit=1');
  expect(cancelled.json.batches[0].id).toBe(ids[2]);
});

test('answers only in JSON', async () => {
  const answer = await api.call('GET', '/v1/batches', { headers: { accept: 'text/html' } });
  expect(answer.status).toBe(406);
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  const browser = { accept: 'text/html,application/xml;q=0.9,*/*;q=0.8' };
  expect((await api.call('GET', '/v1/batches', { headers: browser })).status).toBe(200);
});

test('lets go of those who wait when the service begins to stop', async () => {
  const id = await api.submit([url]);
  const waiting = api.call('GET', `/v1/batches/${id}?wait=60`);
  await api.call('GET', `/v1/batches/${id}`);
  api.stop();
  const answer = await waiting;
  expect(answer.json.status).toBe('queued');
});
