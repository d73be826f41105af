import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { createApiClient, type ApiClient } from '../../bench/api-client.ts';

const asked: string[] = [];
const answers: { status: number; text: string }[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request
    .on('data', (chunk: Buffer) => chunks.push(chunk))
    .on('end', () => {
      asked.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`.trimEnd());
      const { status, text } = answers.shift() ?? { status: 200, text: '{}' };
      response.writeHead(status).end(text);
    });
}).listen(0, '127.0.0.1');
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => void asked.splice(0));

const client = async (): Promise<ApiClient> => {
  if (!server.listening) await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return createApiClient(`http://127.0.0.1:${port}`, AbortSignal.timeout(10_000));
};

test('submits, and waits as long as the batch takes', async () => {
  const api = await client();
  answers.push(
    { status: 202, text: '{"id":"x"}' },
    { status: 200, text: '{"id":"x","endedAt":null}' },
    { status: 200, text: '{"id":"x","endedAt":"2026-01-01T00:00:00Z"}' },
  );
  const { id } = await api.submit({ urls: ['http://a/'] });
  expect(await api.untilEnded(id)).toMatchObject({ endedAt: '2026-01-01T00:00:00Z' });
  expect(asked).toEqual([
    'POST /v1/batches {"urls":["http://a/"]}',
    'GET /v1/batches/x?wait=30',
    'GET /v1/batches/x?wait=30',
  ]);
});

test('submits lines, and counts results without keeping them', async () => {
  const api = await client();
  answers.push({ status: 202, text: '{"id":"x"}' }, { status: 200, text: '{"index":1}\n{"index":0}\n' });
  expect(await api.submitLines(Buffer.from('{"url":"http://a/"}\n'))).toEqual({ id: 'x' });
  expect(await api.countResults('x')).toEqual({ results: 2, bytes: 24 });
  expect(asked).toEqual(['POST /v1/batches {"url":"http://a/"}', 'GET /v1/batches/x/results']);
  answers.push({ status: 400, text: 'no such field' });
  await expect(api.submitLines(Buffer.from('{}'))).rejects.toThrow('400: no such field');
  asked.splice(0);
});

test('reads off the metrics how many calls are under way', async () => {
  answers.push({ status: 200, text: '# HELP a b\nfetchfleet_api_open_calls 42\nother 7\n' });
  expect(await (await client()).openCalls()).toBe(42);
  expect(asked).toEqual(['GET /metrics']);
});

test('reads results as lines', async () => {
  answers.push({ status: 200, text: '{"index":1}\n{"index":0}\n' });
  expect(await (await client()).results('x', ['index', 'url'])).toEqual(['{"index":1}', '{"index":0}']);
  expect(asked).toEqual(['GET /v1/batches/x/results?fields=index,url']);
});

test('follows results, past the empty lines of a quiet time', async () => {
  answers.push({ status: 200, text: '{"index":1}\n\n{"index":0}\n' });
  expect(await (await client()).followResults('x')).toEqual(['{"index":1}', '{"index":0}']);
  expect(asked).toEqual(['GET /v1/batches/x/results?follow=true']);
});

test('names hosts by their origin', async () => {
  const api = await client();
  await api.limitHost('http://a:81', { concurrency: 8 });
  await api.limitHost('http://a:81', undefined);
  expect(asked).toEqual([
    'PUT /v1/hosts/http%3A%2F%2Fa%3A81 {"concurrency":8}',
    'DELETE /v1/hosts/http%3A%2F%2Fa%3A81',
  ]);
});

test('says what the API did not like', async () => {
  answers.push({ status: 409, text: '{"code":"batch_running"}' });
  await expect((await client()).remove('x')).rejects.toThrow(/DELETE .*x was answered 409: .*batch_running/);
});
