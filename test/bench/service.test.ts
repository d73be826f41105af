import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { freePort, untilReady } from '../../bench/service.ts';
import { listenResponder } from '../support/responder.ts';

const alive = { hasEnded: () => false, stop: async () => {} };

test('is ready when the address answers 200', async () => {
  await expect(untilReady(await listenResponder(), [alive])).resolves.toBeUndefined();
});

test('does not wait for a process that has ended', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  await expect(untilReady(url, [alive, { ...alive, hasEnded: () => true }])).rejects.toThrow(
    'ended at its start',
  );
});

test('finds a port that can be listened on', async () => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  expect(server.address()).toMatchObject({ port });
  server.close();
});
