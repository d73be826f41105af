import { expect, test } from '@jest/globals';
import type { BatchId } from '../../../shared/batch.ts';
import { storedResult, testApi, type Answer } from '../../support/api.ts';

const api = testApi();

const get = (id: BatchId, query: string, headers: Record<string, string> = {}): Promise<Answer> =>
  api.call('GET', `/v1/batches/${id}/results${query}`, { headers });

const ended = async (): Promise<BatchId> => {
  const id = await api.submit(['https://example.com/0', 'https://example.com/1']);
  const failure = { code: 'timed_out', message: 'late' } as const;
  await api.results.record(id, [storedResult(0), storedResult(1, { outcome: 'failed', failure })]);
  return id;
};

test('the results of an ended batch are not sent again to who has them', async () => {
  const id = await ended();
  for (const query of ['', '?limit=1', '?format=ndjson', '?format=csv']) {
    const first = await get(id, query);
    expect(first.headers).toMatchObject({ 'cache-control': 'private, no-cache' });
    const again = await get(id, query, { 'if-none-match': String(first.headers['etag']) });
    expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', first.headers['etag']]);
  }
});

test('nor is what else there is to read of it', async () => {
  const id = await ended();
  for (const path of ['', '?wait=1', '/explain', '/results/1']) {
    const at = `/v1/batches/${id}${path}`;
    const first = await api.call('GET', at);
    expect([first.status, first.headers['cache-control']]).toEqual([200, 'private, no-cache']);
    const tag = String(first.headers['etag']);
    for (const method of ['GET', 'HEAD']) {
      const again = await api.call(method, at, { headers: { 'if-none-match': `"other", ${tag}` } });
      expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', tag]);
    }
    const other = await api.call('GET', at, { headers: { 'if-none-match': '"other"' } });
    expect([other.status, other.text]).toEqual([200, first.text]);
  }
});

test('every question has an answer of its own', async () => {
  const [id, other] = [await ended(), await ended()];
  const answers = [
    await get(id, ''),
    await get(other, ''),
    await get(id, '?after=1'),
    await get(id, '', { accept: 'application/x-ndjson' }),
  ];
  expect(new Set(answers.map(({ headers }) => headers['etag'])).size).toBe(answers.length);
});

test('a batch that runs, again or still, has no answer that lasts', async () => {
  const id = await api.submit(['https://example.com/0', 'https://example.com/1']);
  for (const path of ['', '/results', '/explain']) {
    const { headers } = await api.call('GET', `/v1/batches/${id}${path}`);
    expect([headers['etag'], headers['cache-control']]).toEqual([undefined, 'no-store']);
  }
  const retried = await ended();
  const { headers } = await get(retried, '');
  expect((await api.call('POST', `/v1/batches/${retried}/retry`)).status).toBe(202);
  const during = await get(retried, '', { 'if-none-match': String(headers['etag']) });
  expect([during.status, during.headers['etag'], during.headers['cache-control']]).toEqual([
    200,
    undefined,
    'no-store',
  ]);
  await api.results.record(retried, [storedResult(1)]);
  const after = await get(retried, '', { 'if-none-match': String(headers['etag']) });
  expect(after.status).toBe(200);
  expect(after.headers['etag']).not.toBe(headers['etag']);
});
