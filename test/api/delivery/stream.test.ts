import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { request } from 'undici';
import { signalOf } from '../../../api/connection-signal.ts';
import { ndjson } from '../../../api/delivery/format.ts';
import { streamResults } from '../../../api/delivery/stream.ts';
import type { ResultPage, Tail } from '../../../shared/result-pages.ts';
import { storedResult, testApi } from '../../support/api.ts';
import { toPage } from '../../support/batches.ts';
import { waitFor } from '../../support/wait-for.ts';

const api = testApi();
const pages = 12;
const told = { segment: Buffer.from('the last one') } as Tail;
const seen = { pages: 0, ended: 0 };

/** Pages of 4 MB: a socket takes one or two of them without being read. */
const page = async (after: number): Promise<ResultPage> => {
  seen.pages += 1;
  const url = `https://example.com/${'x'.repeat(8000)}`;
  const results = Array.from({ length: 500 }, (_, i) => storedResult(after + i, { url }));
  return toPage(results, after + 500, after + 500 >= pages * 500);
};

const app = express();
app.get('/', async (_request, response) => {
  const format = ndjson({ path: '/x' });
  const source = { page, after: 0, limit: Number.MAX_SAFE_INTEGER, format, name: 'x' };
  await streamResults(response, source, signalOf(response));
  seen.ended += 1;
});
const away: { reads: number; tails: unknown[] } = { reads: 0, tails: [] };
app.get('/followed', async (_request, response) => {
  const signal = signalOf(response);
  const tail = (): Tail | undefined => (away.reads === 4 ? told : undefined);
  const source = {
    /** Nothing at first, then Redis is away for a while, then all there is. */
    async page(_after: number, _limit: number, heard?: Tail): Promise<ResultPage> {
      away.reads += 1;
      away.tails.push(heard);
      if (away.reads === 1) return toPage([], 0, false);
      if (away.reads < 5) throw new Error('Connection is closed.');
      return toPage([storedResult(0)], 1, true);
    },
    after: 0,
    limit: 10,
    name: 'x',
    format: ndjson({ path: '/x', fields: new Set(['index'] as const) }),
    bell: { rung: (ms: number) => delay(Math.min(ms, 100)), tail, stop: () => {} },
    heartbeatMs: 20,
  };
  await streamResults(response, source, signal);
});
app.get('/read', async (_request, response) => {
  const source = {
    first: toPage([storedResult(0)], 1, false),
    page: async (after: number) => toPage([storedResult(after)], after + 1, true),
    after: 0,
    limit: 10,
    name: 'x',
    format: ndjson({ path: '/x', fields: new Set(['index'] as const) }),
  };
  await streamResults(response, source, signalOf(response));
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

test('begins with the page that was read already, and goes on behind it', async () => {
  const { body } = await request(`${origin()}/read`);
  expect(await body.text()).toBe('{"index":0}\n{"index":1}\n');
});

test('goes on over a moment without Redis, says meanwhile that it lives, and hands on how the batch ended', async () => {
  const { body } = await request(`${origin()}/followed`);
  expect(await body.text()).toMatch(/^\n+\{"index":0\}\n$/);
  expect(away.tails).toEqual([undefined, undefined, undefined, undefined, told]);
});

test('cuts the answer where a page cannot be read, so that nobody takes it for a whole one', async () => {
  const id = await api.submit(Array.from({ length: 1500 }, (_, i) => `https://example.com/${i}`));
  const inline = Buffer.alloc(10_000);
  const body = { inline, wireBytes: 10_000, bytes: 10_000, truncated: false };
  for (const first of [0, 500, 1000]) {
    await api.results.record(
      id,
      Array.from({ length: 500 }, (_, i) => storedResult(first + i, { body })),
    );
  }
  await api.redis.hset(`${api.prefix}:{${id}}:segments`, '3', 'not a segment');
  const answer = api.call('GET', `/v1/batches/${id}/results`, {
    headers: { accept: 'application/x-ndjson' },
  });
  await expect(answer).rejects.toThrow('other side closed');
});
