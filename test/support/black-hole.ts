// A loopback address that swallows connections: its listener is stuck, and the kernel's queue before it is full.
import net from 'node:net';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { waitFor } from './wait-for.ts';

// Listens, says where, and never comes back to accept.
const stuck = `
const { parentPort } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

export type BlackHole = { readonly origin: string; close(): Promise<void> };

export const openBlackHole = async (): Promise<BlackHole> => {
  const listener = new Worker(stuck, { eval: true });
  const [port] = (await once(listener, 'message')) as [number];
  const queued: net.Socket[] = [];
  // Connections are made by the kernel until its queue is full; the first that is not shows that it is.
  await waitFor(async () => !(await connects(port, queued)));
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      for (const socket of queued) socket.destroy();
      await listener.terminate();
    },
  };
};

const connects = async (port: number, queued: net.Socket[]): Promise<boolean> => {
  const socket = net.connect(port, '127.0.0.1');
  queued.push(socket);
  const signal = AbortSignal.timeout(100);
  return await once(socket, 'connect', { signal }).then(
    () => true,
    () => false,
  );
};
