import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { request } from 'undici';
import { signalOf } from '../../../api/connection-signal.ts';
import { streamResults } from '../../../api/delivery/stream.ts';
import type { ResultPage } from '../../../shared/result-pages.ts';
import { storedResult, testApi } from '../../support/api.ts';
import { toPage } from '../../support/batches.ts';
import { waitFor } from '../../support/wait-for.ts';

const api = testApi();
const pages = 12;
const seen = { pages: 0, ended: 0 };

/** Pages of 4 MB: a socket takes one or two of them without being read. */
const page = async (after: number, limit: number): Promise<ResultPage> => {
  seen.pages += 1;
  const url = `https://example.com/${'x'.repeat(8000)}`;
  const results = Array.from({ length: limit }, (_, i) => storedResult(after + i, { url }));
  return toPage(results, after + limit, after + limit >= pages * 500);
};

const app = express();
app.get('/', async (_request, response) => {
  const source = { page, after: 0, limit: Number.MAX_SAFE_INTEGER, view: { path: '/x' } };
  await streamResults(response, source, signalOf(response));
  seen.ended += 1;
});
const server = createServer(app);
const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

test('reads no further ahead than the caller takes, and stops when it has gone', async () => {
  const { body } = await request(origin());
  await waitFor(() => seen.pages >= 2);
  // Many turns of the event loop: without a brake all 12 pages would have been read.
  for (let turn = 0; turn < 50; turn += 1) await api.call('GET', '/livez');
  expect(seen.pages).toBeLessThan(8);
  body.on('error', () => {}).destroy();
  await waitFor(() => seen.ended === 1);
  expect(seen.pages).toBeLessThan(8);
});

test('sends every page to a caller who reads on', async () => {
  const { body } = await request(origin());
  let lines = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
  }
  expect(lines).toBe(pages * 500);
});

test('cuts the answer where a page cannot be read, so that nobody takes it for a whole one', async () => {
  const id = await api.submit(Array.from({ length: 1500 }, (_, i) => `https://example.com/${i}`));
  for (const first of [0, 500, 1000]) {
    await api.results.record(
      id,
      Array.from({ length: 500 }, (_, i) => storedResult(first + i)),
    );
  }
  await api.redis.hset(`${api.prefix}:{${id}}:segments`, '3', 'not a segment');
  const answer = api.call('GET', `/v1/batches/${id}/results`, {
    headers: { accept: 'application/x-ndjson' },
  });
  await expect(answer).rejects.toThrow('other side closed');
});
