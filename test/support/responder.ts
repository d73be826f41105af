// The benchmark's responder, listening for one test file.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll } from '@jest/globals';
import { createResponder, type ResponderOptions } from '../../bench/responder.ts';

/** Listens on a loopback port and resolves with the origin; closed after the tests of the file. */
export const listenResponder = async (options: Partial<ResponderOptions> = {}): Promise<string> => {
  const server = createResponder({ delayMs: 0, deadKeepAlive: false, ...options }).listen(0, '127.0.0.1');
  server.on('connection', (socket) => opened.push(() => socket.destroy()));
  opened.push(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const opened: (() => void)[] = [];
afterAll(() => opened.forEach((close) => close()));
