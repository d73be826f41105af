import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { request } from 'undici';
import type { BatchId } from '../../shared/batch.ts';
import { storedResult, testApi, type Answer } from '../support/api.ts';
import { waitFor } from '../support/wait-for.ts';

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

describe('a stream that is cut', () => {
  type Line = { readonly index: number; readonly cursor: number };

  /** The first `count` lines of one connection, and whether the answer ended with them. */
  const readSome = async (path: string, count: number): Promise<{ lines: Line[]; hasEnded: boolean }> => {
    const { body } = await request(`${api.origin()}${path}`, { headers: { accept: 'application/x-ndjson' } });
    const found: Line[] = [];
    let rest = '';
    for await (const chunk of body as AsyncIterable<Buffer>) {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) if (part !== '' && found.length < count) found.push(JSON.parse(part));
      if (found.length === count) return { lines: found, hasEnded: false }; // leaves: the body is destroyed
    }
    return { lines: found, hasEnded: true };
  };

  const recordAll = async (id: BatchId, chunks: readonly (readonly number[])[]): Promise<void> => {
    for (const indexes of chunks) {
      await api.results.record(
        id,
        indexes.map((index) => storedResult(index)),
      );
    }
  };

  const cut = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
  const shuffled = fc.shuffledSubarray(
    Array.from({ length: 120 }, (_, i) => i),
    { minLength: 120 },
  );

  test.each(['completion', 'index'] as const)(
    'goes on by cursor with each result exactly once, in order of %s, while the batch runs',
    async (order) => {
      await fc.assert(
        fc.asyncProperty(cut, shuffled, fc.integer({ min: 1, max: 40 }), async (cuts, indexes, size) => {
          const id = await api.submit(indexes.map((index) => `https://example.com/${index}`));
          const chunks = Array.from({ length: Math.ceil(120 / size) }, (_, i) =>
            indexes.slice(i * size, (i + 1) * size),
          );
          const recording = recordAll(id, chunks);
          const seen: number[] = [];
          for (let after = 0, turn = 0, hasEnded = false; !hasEnded; turn += 1) {
            const path = `/v1/batches/${id}/results?follow=true&order=${order}&fields=index,cursor&after=${after}`;
            const some = await readSome(path, cuts[turn] ?? 1000);
            seen.push(...some.lines.map(({ index }) => index));
            after = some.lines.at(-1)?.cursor ?? after;
            ({ hasEnded } = some);
          }
          await recording;
          if (order === 'completion') seen.sort((a, b) => a - b);
          expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => i));
        }),
        { numRuns: 12 },
      );
    },
  );
});

describe('follow', () => {
  const open = async (id: BatchId): ReturnType<typeof request> =>
    await request(`${api.origin()}/v1/batches/${id}/results?follow=true&fields=index`);

  test('sends its head at once, results as they come, and ends with the batch', async () => {
    const id = await api.submit(['https://example.com/0', 'https://example.com/1']);
    const { statusCode, body } = await open(id);
    expect(statusCode).toBe(200);
    const chunks = body[Symbol.asyncIterator]();
    for (const index of [1, 0]) {
      await api.results.record(id, [storedResult(index)]);
      expect(String((await chunks.next()).value)).toBe(`{"index":${index}}\n`);
    }
    expect((await chunks.next()).done).toBe(true);
  });

  test('tells of requests that a cancelled batch ended before', async () => {
    const id = await api.submit(['https://example.com/0', 'https://example.com/1']);
    const { body } = await open(id);
    await api.results.record(id, [storedResult(1)]);
    await api.call('POST', `/v1/batches/${id}/cancel`);
    expect(await body.text()).toBe('{"index":1}\n{"index":0}\n');
  });

  test('stops at its limit', async () => {
    const id = await api.submit(['https://example.com/0', 'https://example.com/1']);
    await api.results.record(id, [storedResult(1)]);
    const answer = await api.call('GET', `/v1/batches/${id}/results?follow=true&limit=1&fields=index`);
    expect(answer.text).toBe('{"index":1}\n');
  });

  test('is let go of when the caller leaves', async () => {
    const id = await api.submit(['https://example.com/0']);
    const channel = `${api.prefix}:{${id}}:events`;
    const listeners = async (): Promise<unknown> => (await api.redis.pubsub('NUMSUB', channel))[1];
    const { body } = await open(id);
    await waitFor(async () => (await listeners()) === 1);
    body.on('error', () => {}).destroy();
    await waitFor(async () => (await listeners()) === 0);
  });

  test('is cut when the API stops, so that nobody takes it for the end of the batch', async () => {
    const id = await api.submit(['https://example.com/0', 'https://example.com/1']);
    await api.results.record(id, [storedResult(1)]);
    const { body } = await open(id);
    const chunks = body[Symbol.asyncIterator]();
    expect(String((await chunks.next()).value)).toBe('{"index":1}\n');
    api.stop();
    await expect(chunks.next()).rejects.toThrow('other side closed');
  });
});
