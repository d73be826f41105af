import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import net from 'node:net';
import { basicCredentials, connectByHttp } from '../../../worker/guard/http-connect.ts';
import type { ProxyError } from '../../../worker/guard/proxy-handshake.ts';
import { openTarget } from '../../support/target-server.ts';
import type { Animal, TargetServer } from '../../support/target-server.ts';

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const connect = async (
  onRequest: Animal['onRequest'],
): Promise<{ target: TargetServer; socket: net.Socket }> => {
  const target = await openTarget({ about: 'a proxy', ...(onRequest !== undefined && { onRequest }) });
  const socket = net.connect(target.port, '127.0.0.1').on('error', () => undefined);
  opened.push({ close: () => socket.destroy() }, target);
  await once(socket, 'connect');
  return { target, socket };
};

const to = { address: '2001:db8::1', port: 443 };

test('asks for an address with its port, and hands on what comes after the reply', async () => {
  const { target, socket } = await connect(({ send }) =>
    send('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\nx: y\r\n\r\nfirst bytes'),
  );
  await connectByHttp(socket, to, { user: 'ann', password: 'é' });
  expect(target.requests[0]).toMatchObject({ method: 'CONNECT', target: '[2001:db8::1]:443' });
  expect(target.requests[0]?.fields).toEqual([
    ['Host', '[2001:db8::1]:443'],
    ['Proxy-Authorization', 'Basic YW5uOsOp'],
  ]);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  expect(bytes.toString()).toBe('first bytes');
});

test.each<readonly [string, boolean, RegExp, Animal['onRequest']]>([
  ['wants credentials', false, /wants credentials/, ({ send }) => send('HTTP/1.1 407 No\r\n\r\n')],
  ['refuses', false, /\(403\)/, ({ send }) => send('HTTP/1.1 403\r\n\r\n')],
  ['cannot connect', true, /\(504\)/, ({ send }) => send('HTTP/1.1 504 No\r\n\r\n')],
  ['does not speak HTTP', false, /not HTTP/, ({ send }) => send('SSH-2.0\r\n\r\n')],
  [
    'never ends its head',
    false,
    /too long/,
    ({ send }) => send(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`),
  ],
  ['ends', true, /ended the connection/, ({ socket }) => socket.end()],
  ['resets', true, /ended the connection/, ({ socket }) => socket.resetAndDestroy()],
])('a proxy that %s is no way through', async (_about, isTransient, message, onRequest) => {
  const { socket } = await connect(onRequest);
  const reason = await connectByHttp(socket, to, undefined).catch((error: ProxyError) => error);
  expect(reason).toMatchObject({ name: 'ProxyError', isTransient, message: expect.stringMatching(message) });
});

test('credentials are written as RFC 7617 says', () => {
  expect(basicCredentials({ user: 'Aladdin', password: 'open sesame' })).toBe(
    'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
  );
});
