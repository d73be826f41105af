import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Response } from 'express';
import { onceOver, signalOf } from '../../api/connection-signal.ts';

const arrived: ServerResponse[] = [];
const server = createServer((_request, response) => {
  arrived.push(response);
  server.emit('arrived');
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

const ask = async (): Promise<{ response: Response; hangUp: () => void }> => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(server, 'arrived');
  return { response: arrived.pop() as unknown as Response, hangUp: () => socket.destroy() };
};

const aborted = (signal: AbortSignal): Promise<unknown> =>
  signal.aborted ? Promise.resolve() : once(signal, 'abort');

test('is aborted when the caller hangs up', async () => {
  const { response, hangUp } = await ask();
  const signal = signalOf(response);
  expect(signal.aborted).toBe(false);
  hangUp();
  await aborted(signal);
  expect(signalOf(response).aborted).toBe(true);
});

test('is aborted when the answer has been sent', async () => {
  const { response, hangUp } = await ask();
  const signal = signalOf(response);
  response.end();
  await aborted(signal);
  expect(signal.aborted).toBe(true);
  hangUp();
});

test('is aborted when the service stops, before or after', async () => {
  const { response, hangUp } = await ask();
  const stopping = new AbortController();
  const signal = signalOf(response, stopping.signal);
  stopping.abort();
  expect(signal.aborted).toBe(true);
  expect(signalOf(response, stopping.signal).aborted).toBe(true);
  hangUp();
});

test('calls back, for whom a signal is too much, at whatever ends it', async () => {
  const stopping = new AbortController();
  const calls: string[] = [];
  const [stopped, sent] = [await ask(), await ask()];
  onceOver(stopped.response, () => calls.push('stopped'), stopping.signal);
  onceOver(sent.response, () => calls.push('sent'), stopping.signal);
  sent.response.end();
  await once(sent.response, 'close');
  expect(calls).toEqual(['sent']);
  stopping.abort();
  expect(calls).toEqual(['sent', 'stopped']);
  onceOver(sent.response, () => calls.push('late'));
  expect(calls.at(-1)).toBe('late');
  stopped.hangUp();
  sent.hangUp();
});
