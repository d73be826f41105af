import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import net from 'node:net';
import type { ProxyError } from '../../../worker/guard/proxy-handshake.ts';
import { connectBySocks5 } from '../../../worker/guard/socks5.ts';
import { openSocksProxy } from '../../support/proxies.ts';
import type { ProxyManners, TestProxy } from '../../support/proxies.ts';

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const connectTo = async (port: number): Promise<net.Socket> => {
  const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
  opened.unshift({ close: () => socket.destroy() });
  await once(socket, 'connect');
  return socket;
};

const open = async (manners?: ProxyManners): Promise<{ proxy: TestProxy; socket: net.Socket }> => {
  const proxy = await openSocksProxy({ refusesWith: 5, ...manners });
  opened.push(proxy);
  return { proxy, socket: await connectTo(Number(proxy.authority.split(':')[1])) };
};

const to = { address: '127.0.0.1', port: 65_535 };
const reasonOf = (handshake: Promise<void>): Promise<unknown> =>
  handshake.then(
    () => 'connected',
    (error: ProxyError) => error.message,
  );

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['2001:db8::1:0:2', '20010db8000000000000000100000002'],
  ['::', '00000000000000000000000000000000'],
  ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
])('writes the address %s in bytes', async (address, written) => {
  const { proxy, socket } = await open();
  await reasonOf(connectBySocks5(socket, { address, port: 65_535 }, undefined));
  expect(proxy.asked).toEqual([`SOCKS ${written}:65535`]);
});

test('shows credentials where they are wanted only', async () => {
  const credentials = { user: 'ann', password: 'é'.repeat(100) };
  const asks = await open({ wants: `ann:${'é'.repeat(100)}` });
  expect(await reasonOf(connectBySocks5(asks.socket, to, credentials))).toMatch(/connection refused/);
  expect(asks.proxy.shown).toHaveLength(1);
  const asksNot = await open();
  await reasonOf(connectBySocks5(asksNot.socket, to, credentials));
  expect(asksNot.proxy.shown).toEqual([]);
  const refuses = await open({ wants: 'bob:x' });
  expect(await reasonOf(connectBySocks5(refuses.socket, to, credentials))).toMatch(/refused the credentials/);
  const without = await open({ wants: 'bob:x' });
  expect(await reasonOf(connectBySocks5(without.socket, to, undefined))).toMatch(/wants credentials/);
});

test.each<readonly [string, readonly number[], RegExp]>([
  ['another version', [4, 0], /does not speak SOCKS 5/],
  ['a method not offered', [5, 1], /not supported/],
  ['a refusal of two bytes', [5, 0, 5, 1], /general failure/],
  ['an unknown reason', [5, 0, 5, 99, 0, 1, 0, 0, 0, 0, 0, 0], /code 99/],
  ['a verdict of another version', [5, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], /does not speak SOCKS 5/],
  ['half a verdict', [5, 0, 5, 0, 0, 1, 0], /ended the connection/],
  ['a verdict bound to a name', [5, 0, 5, 0, 0, 3, 2, 97, 98, 0, 80], /connected/],
])('understands %s', async (_about, reply, reason) => {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined).end(Buffer.from(reply));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({ close: () => server.close() });
  const socket = await connectTo((server.address() as net.AddressInfo).port);
  expect(await reasonOf(connectBySocks5(socket, to, undefined))).toMatch(reason);
});
