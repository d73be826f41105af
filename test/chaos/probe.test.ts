import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import { isRefusal, probe } from '../../chaos/probe.ts';

const signal = new AbortController().signal;
const script: { answer: RequestListener } = { answer: (_request, response) => response.end() };
const server = createServer((request, response) => script.answer(request, response)).listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(() => void server.close());
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

const ask = (status: number, headers: Record<string, string>): ReturnType<typeof probe> => {
  script.answer = (_request, response) => response.writeHead(status, headers).end('{}');
  return probe(url, { method: 'POST', json: {}, signal });
};

test('reports an answer as it came', async () => {
  expect(await ask(418, { 'content-type': 'text/tea', 'retry-after': '7' })).toMatchObject({
    status: 418,
    type: 'text/tea',
    retryAfter: '7',
    text: '{}',
  });
});

test('a connection that ends before the answer is none', async () => {
  script.answer = (request) => void request.socket.destroy();
  expect(await probe(url, { signal })).toBeUndefined();
  expect(isRefusal(undefined, 503)).toBe(false);
});

test.each<[string, number, Record<string, string>, boolean]>([
  ['a refusal', 503, { 'content-type': 'application/problem+json', 'retry-after': '2' }, true],
  ['one of another status', 500, { 'content-type': 'application/problem+json', 'retry-after': '2' }, false],
  ['one of another form', 503, { 'content-type': 'text/html', 'retry-after': '2' }, false],
  ['one that does not say when', 503, { 'content-type': 'application/problem+json' }, false],
])('judges %s', async (_, status, headers, is) => {
  expect(isRefusal(await ask(status, headers), 503)).toBe(is);
});
