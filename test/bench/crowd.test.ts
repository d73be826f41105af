import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import { gatherCrowd } from '../../bench/crowd.ts';
import { waitFor } from '../support/wait-for.ts';

const clients: { socket: Socket; said: string }[] = [];
const server = createServer((socket) => {
  const client = { socket, said: '' };
  clients.push(client);
  socket.on('error', () => {});
  socket.on('data', (bytes) => void (client.said += String(bytes)));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
afterAll(() => void server.close());

test('all come, say what they want, and are counted when they are told', async () => {
  const options = { port, count: 450, request: 'GET / HTTP/1.1\r\n\r\n', news: 'the end' };
  let slices = 0;
  const taken = async (): Promise<void> => {
    slices += 1;
    await waitFor(() => clients.length === Math.min(slices * 200, options.count));
  };
  const crowd = await gatherCrowd({ ...options, taken });
  await waitFor(() => clients.length === 450 && clients.every(({ said }) => said === options.request));
  expect([crowd.size(), crowd.told()]).toEqual([450, 0]);
  clients.slice(0, 100).forEach(({ socket }) => socket.write('more to come'));
  clients.slice(100, 200).forEach(({ socket }) => socket.write('id: 1\nthis is the end\n'));
  clients.slice(200, 210).forEach(({ socket }) => socket.destroy());
  await waitFor(() => crowd.told() === 100 && crowd.size() === 440);
  crowd.close();
  await waitFor(() => clients.every(({ socket }) => socket.closed));
});

test('a port that nobody listens on is an error', async () => {
  const options = { port: 1, count: 3, request: '', news: '', taken: async () => {} };
  await expect(gatherCrowd(options)).rejects.toThrow('ECONNREFUSED');
});
