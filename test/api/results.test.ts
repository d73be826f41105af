import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { BatchId } from '../../shared/batch.ts';
import { storedResult, testApi, type Answer } from '../support/api.ts';

const api = testApi();
const total = 230;
const known: { id: BatchId } = { id: '' as BatchId };

const json = {
  headers: ['content-type', 'application/json'],
  body: { inline: Buffer.from('{"a":1}'), wireBytes: 7, bytes: 7, truncated: false },
};

beforeAll(async () => {
  known.id = await api.submit(Array.from({ length: total }, (_, i) => `https://example.com/${i}`));
  for (let first = 0; first < 200; first += 40) {
    const results = Array.from({ length: 40 }, (_, i) =>
      storedResult(first + i, { outcome: i % 4 === 0 ? 'failed' : 'succeeded', ...json }),
    );
    await api.results.record(known.id, results);
  }
});

const results = (query = '', headers = {}): Promise<Answer> =>
  api.call('GET', `/v1/batches/${known.id}/results${query}`, { headers });

const ndjson = { accept: 'application/x-ndjson' };
const lines = (answer: Answer): { index: number; outcome: string }[] =>
  answer.text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

test('walks the results by cursor and sees each one once, whatever the size of a page', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 17, max: 1000 }), async (limit) => {
      const seen: number[] = [];
      for (let after = 0, isMore = true; isMore;) {
        const page = (await results(`?limit=${limit}&after=${after}&fields=index`)).json;
        seen.push(...page.results.map((result: { index: number }) => result.index));
        isMore = page.next !== after;
        after = page.next;
      }
      expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    }),
    { numRuns: 8 },
  );
});

test('streams every result as one line', async () => {
  const answer = await results('', ndjson);
  expect(answer.headers['content-type']).toBe('application/x-ndjson');
  expect(new Set(lines(answer).map(({ index }) => index)).size).toBe(200);
});

test('streams no more than the limit, of one outcome, from a cursor on', async () => {
  expect(lines(await results('?limit=7', ndjson))).toHaveLength(7);
  const failed = lines(await results('?outcome=failed', ndjson));
  expect(failed).toHaveLength(50);
  expect(new Set(failed.map(({ outcome }) => outcome))).toEqual(new Set(['failed']));
  const { json: page } = await results('?limit=150');
  expect(lines(await results(`?after=${page.next}`, ndjson))).toHaveLength(50);
});

test('shows the fields asked for and no others', async () => {
  const answer = await results('?limit=1&fields=url,outcome,body');
  const [result] = answer.json.results;
  expect(Object.keys(result)).toEqual(['url', 'outcome', 'body']);
  expect(result.body).toEqual({
    json: { a: 1 },
    bytes: 7,
    contentType: 'application/json',
    truncated: false,
  });
});

test('says that a batch has no more results only once it has ended', async () => {
  expect((await results('?limit=1000')).json.isLast).toBe(false);
  const id = await api.submit(['https://example.com/']);
  await api.results.record(id, [storedResult(0)]);
  const answer = await api.call('GET', `/v1/batches/${id}/results`);
  expect(answer.json.isLast).toBe(true);
});

test('answers HEAD without a body', async () => {
  for (const headers of [{}, ndjson]) {
    const answer = await api.call('HEAD', `/v1/batches/${known.id}/results`, { headers });
    expect([answer.status, answer.text]).toEqual([200, '']);
  }
});

test('refuses a limit above that of a page, but not in a stream', async () => {
  expect((await results('?limit=1001')).json.errors).toEqual([
    { parameter: 'limit', message: 'must be a whole number from 1 to 1000' },
  ]);
  expect((await results('?limit=1001', ndjson)).status).toBe(200);
});

describe('one result', () => {
  const at = (path: string): Promise<Answer> => api.call('GET', `/v1/batches/${known.id}/results/${path}`);

  test('is read by its index', async () => {
    const answer = await at('5');
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ index: 5, url: 'https://example.com/5', timings: { ttfbMs: 2 } });
  });

  test('is told apart: not there yet, never to be', async () => {
    const pending = await at('205');
    expect([pending.status, pending.json.code, pending.headers['retry-after']]).toEqual([
      404,
      'result_pending',
      '1',
    ]);
    for (const index of ['230', '-1', '1.5', '01', '4294967296', 'x', '%20']) {
      const answer = await at(index);
      expect([index, answer.status, answer.json.code]).toEqual([index, 404, 'result_not_found']);
    }
  });

  test('of a cancelled batch is read like any other', async () => {
    const id = await api.submit(['https://example.com/']);
    await api.call('POST', `/v1/batches/${id}/cancel`);
    const answer = await api.call('GET', `/v1/batches/${id}/results/0`);
    expect(answer.json).toMatchObject({ outcome: 'cancelled', failure: { code: 'cancelled' }, attempts: [] });
  });
});
