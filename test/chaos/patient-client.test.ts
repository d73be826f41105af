import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { freePort } from '../../bench/service.ts';
import { createPatientClient, type PatientClientOptions } from '../../chaos/patient-client.ts';

type Reply = (response: ServerResponse, request: IncomingMessage) => unknown;

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

const { signal } = new AbortController();
const say =
  (status: number, text = ''): Reply =>
  (response) =>
    void response.writeHead(status).end(text);
const hangUp: Reply = (response) => void response.destroy();
const breakOff: Reply = (response) => {
  response.writeHead(200, { 'content-length': '100' });
  response.write('half of', () => response.destroy());
};
const keepSilent: Reply = () => {};

/** A client of a server that replies to each request in turn like this, and what came there. */
const clientOf = async (
  replies: readonly Reply[],
  more: Partial<PatientClientOptions> = {},
): Promise<{ client: ReturnType<typeof createPatientClient>; received: IncomingMessage[] }> => {
  const received: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    received.push(request);
    replies[Math.min(received.length, replies.length) - 1]?.(response, request);
  }).listen(0, '127.0.0.1');
  closers.push(() => server.close().closeAllConnections());
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { client: createPatientClient({ origin, patienceMs: 20_000, signal, ...more }), received };
};

test('sends again until it is answered, and has noted all that it saw', async () => {
  const replies = [hangUp, say(503), breakOff, say(503), say(202, 'taken')];
  const { client, received } = await clientOf(replies);
  await expect(client.call('GET', '/x')).resolves.toEqual({ status: 202, text: 'taken' });
  expect(received).toHaveLength(5);
  expect(Object.fromEntries(client.seen)).toEqual({ closed: 2, 503: 2, 202: 1 });
});

test('sends the same each time', async () => {
  const sent: string[] = [];
  const read: Reply = async (response, request) => {
    const parts: string[] = [];
    for await (const part of request) parts.push(String(part));
    sent.push([request.method, request.url, request.headers['idempotency-key'], parts.join('')].join(' '));
    response.writeHead(sent.length === 1 ? 503 : 202).end();
  };
  const { client } = await clientOf([read]);
  await client.call('POST', '/x', { json: { urls: [] }, headers: { 'idempotency-key': 'k' } });
  expect(sent).toEqual(['POST /x k {"urls":[]}', 'POST /x k {"urls":[]}']);
});

test.each([200, 404, 409, 500, 507])('takes a %d for an answer', async (status) => {
  const { client, received } = await clientOf([say(status)]);
  await expect(client.call('GET', '/x')).resolves.toMatchObject({ status });
  expect(received).toHaveLength(1);
});

test('tells silence from a closed connection', async () => {
  const { client } = await clientOf([keepSilent, say(200)], { answerWithinMs: 500 });
  await expect(client.call('GET', '/x')).resolves.toMatchObject({ status: 200 });
  expect(client.seen.get('silent')).toBe(1);
  expect(client.seen.get('closed')).toBeUndefined();
});

test('has an end to its patience', async () => {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const client = createPatientClient({ origin, patienceMs: 250, signal });
  await expect(client.call('GET', '/x')).rejects.toThrow('GET /x was not answered within 250 ms');
  expect(client.seen.get('closed')).toBeGreaterThan(1);
});

test('gives up at once when it is aborted', async () => {
  const person = new AbortController();
  const { client } = await clientOf([() => person.abort(new Error('enough'))], {
    signal: person.signal,
  });
  await expect(client.call('GET', '/x')).rejects.toThrow('enough');
  expect([...client.seen]).toEqual([]);
});
