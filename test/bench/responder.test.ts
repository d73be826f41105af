import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { Client } from 'undici';
import { documentOf } from '../../bench/document.ts';
import { listenResponder } from '../support/responder.ts';

const closers: (() => unknown)[] = [];
afterEach(() => Promise.all(closers.splice(0).map((close) => close())));

test('answers every request on a connection with 321 bytes of JSON', async () => {
  const client = new Client(await listenResponder());
  closers.push(() => client.destroy());
  for (const path of ['/0', '/1']) {
    const { statusCode, headers, body } = await client.request({ path, method: 'GET' });
    const bytes = Buffer.from(await body.arrayBuffer());
    expect({ statusCode, type: headers['content-type'] }).toEqual({
      statusCode: 200,
      type: 'application/json',
    });
    expect(bytes).toHaveLength(321);
    expect(JSON.parse(bytes.toString())).toMatchObject({ id: 12_345 });
  }
});

test('counts heads, not packets: two requests in one and one in two', async () => {
  const socket = await dial(await listenResponder());
  socket.write('GET /0 HTTP/1.1\r\n\r\nGET /1 HTTP/1.1\r\n\r');
  expect(await answersAfter(socket, 1)).toBe(1);
  socket.write('\n');
  expect(await answersAfter(socket, 2)).toBe(2);
});

test('waits as long as it is told before it answers', async () => {
  const client = new Client(await listenResponder({ delayMs: 80 }));
  closers.push(() => client.destroy());
  const startedAt = performance.now();
  const { body } = await client.request({ path: '/', method: 'GET' });
  await body.dump();
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(79);
});

test('answers with another document, in its coding', async () => {
  const client = new Client(await listenResponder({ document: 'gzip' }));
  closers.push(() => client.destroy());
  const { headers, body } = await client.request({ path: '/', method: 'GET' });
  const { type, coding, bytes } = documentOf('gzip');
  expect(headers).toMatchObject({ 'content-type': type, 'content-encoding': coding });
  expect(Buffer.from(await body.arrayBuffer())).toEqual(bytes);
});

test('answers only the first request of a connection where keep-alive is to be dead', async () => {
  const origin = await listenResponder({ deadKeepAlive: true });
  const client = new Client(origin, { headersTimeout: 300 });
  closers.push(() => client.destroy());
  const { body } = await client.request({ path: '/', method: 'GET' });
  await body.dump();
  await expect(client.request({ path: '/', method: 'GET' })).rejects.toThrow('Headers Timeout Error');
});

const received = new WeakMap<Socket, string>();

const dial = async (origin: string): Promise<Socket> => {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1').setEncoding('latin1');
  closers.push(() => socket.destroy());
  socket.on('data', (text: string) => received.set(socket, (received.get(socket) ?? '') + text));
  await once(socket, 'connect');
  return socket;
};

/** How many answers there are once at least `least` have come. */
const answersAfter = async (socket: Socket, least: number): Promise<number> => {
  const answers = (): number => (received.get(socket) ?? '').split('HTTP/1.1 200 OK').length - 1;
  while (answers() < least) await once(socket, 'data');
  return answers();
};
