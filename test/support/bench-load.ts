// A small load, and a server that fails some of it, for the tests of the benchmark's contenders.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from '@jest/globals';
import type { Load } from '../../bench/contender.ts';

export const loadOf = (origin: string): Load => ({
  origin,
  count: 25,
  concurrency: 4,
  timeoutMs: 5000,
  until: 'stored',
});

/** A server that answers 503 to the last request of that load and 200 to the others. */
export const listenRefuser = async (): Promise<string> => {
  const server = createServer(({ url }, response) => {
    response.writeHead(url === '/24' ? 503 : 200).end('{}');
  }).listen(0, '127.0.0.1');
  opened.push(() => server.closeAllConnections());
  opened.push(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const opened: (() => void)[] = [];
afterAll(() => opened.forEach((close) => close()));
