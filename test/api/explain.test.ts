import { expect, test } from '@jest/globals';
import { storedResult, testApi } from '../support/api.ts';

const api = testApi({
  keys: [
    { name: 'anna', key: 'a'.repeat(32) },
    { name: 'berta', key: 'b'.repeat(32) },
  ],
});
const as = (name: 'a' | 'b') => ({ headers: { authorization: `Bearer ${name.repeat(32)}` } });

const submit = async (count: number): Promise<string> => {
  const urls = Array.from({ length: count }, (_, i) => `https://example.com/${i}`);
  const answer = await api.call('POST', '/v1/batches', { ...as('a'), json: { urls } });
  return answer.json.id;
};
const explain = (id: string, query = '') => api.call('GET', `/v1/batches/${id}/explain${query}`, as('a'));

test('tells where the time went, how hosts fared and what failed', async () => {
  const id = await submit(3);
  const failure = { code: 'dns_failed', message: 'no such name' } as const;
  const connection = { reused: true, policy: 'reuse' } as const;
  await api.results.record(id as never, [
    storedResult(0, { connection }),
    storedResult(1, { connection }),
    storedResult(2, { outcome: 'failed', failure }),
  ]);
  const answer = await explain(id);
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({
    batch: id,
    status: 'completed',
    results: { stored: 3, read: 3 },
    time: { firstByte: { sumMs: 6, p50: 2 } },
    hosts: [{ host: 'https://example.com', results: 3, failed: 1, reused: 2 }],
    failures: [{ code: 'dns_failed', count: 1, example: { index: 2, message: 'no such name' } }],
    connections: { reused: 2, fresh: 0 },
    advice: [{ code: 'failures' }],
  });
});

test('explains what there is so far, and anew once the batch has ended', async () => {
  const id = await submit(2);
  expect((await explain(id)).json).toMatchObject({
    status: 'queued',
    results: { stored: 0, read: 0 },
    advice: [],
  });
  await api.results.record(id as never, [storedResult(0), storedResult(1)]);
  expect((await explain(id)).json).toMatchObject({ status: 'completed', results: { stored: 2, read: 2 } });
});

test('is for the owner only, and knows no parameters', async () => {
  const id = await submit(1);
  const other = await api.call('GET', `/v1/batches/${id}/explain`, as('b'));
  expect([other.status, other.json.code]).toEqual([404, 'batch_not_found']);
  expect((await explain(id, '?x=1')).json.code).toBe('query_invalid');
  const post = await api.call('POST', `/v1/batches/${id}/explain`, as('a'));
  expect([post.status, post.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS']);
});
