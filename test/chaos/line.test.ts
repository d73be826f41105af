import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { startLine, type Line } from '../../chaos/line.ts';
import { closeRedis, connectRedis, untilReady, type Redis } from '../../shared/redis.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const folder = temporaryFolder();
const own = await startOwnRedis();
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A line to the Redis of this file, and clients at both its ends. */
const lineToRedis = async (): Promise<{ line: Line; near: Redis; direct: Redis }> => {
  const line = await startLine(own.socketPath);
  closers.push(() => line.stop());
  const clients = [line.url, own.url].map((url) => connectRedis(url, 'store'));
  const [near, direct] = clients as [Redis, Redis];
  closers.push(() => Promise.all(clients.map((client) => closeRedis(client))));
  await Promise.all(clients.map((client) => untilReady(client, 10_000)));
  return { line, near, direct };
};

const dial = (line: Line): Socket => {
  const near = connect(Number(new URL(line.url).port), '127.0.0.1').on('error', () => {});
  closers.push(() => near.destroy());
  return near;
};

test('passes on what is said at either end', async () => {
  const { near, direct } = await lineToRedis();
  const large = 'x'.repeat(5_000_000);
  await near.set('large', large);
  expect(await direct.strlen('large')).toBe(large.length);
  expect((await near.get('large')) === large).toBe(true);
});

test('cut, it ends all connections and takes none; mended, it takes them again', async () => {
  const { line, near } = await lineToRedis();
  const [ended, refused] = [once(near, 'close'), once(near, 'error')];
  line.cut();
  await ended;
  await refused;
  const waiting = near.ping();
  line.mend();
  await expect(waiting).resolves.toBe('PONG');
});

test('held, it ends all connections and takes new ones, which are answered when it is mended', async () => {
  const { line, near, direct } = await lineToRedis();
  const ended = once(near, 'close');
  line.hold();
  await ended;
  const impatient = dial(line);
  await once(impatient, 'connect');
  impatient.destroy();
  const socket = dial(line);
  socket.write('INCR held\r\n');
  await waitFor(() => ['connect', 'connecting'].includes(near.status));
  expect(await direct.exists('held')).toBe(0);
  line.mend();
  expect(String(await once(socket, 'data'))).toBe(':1\r\n');
  await expect(near.ping()).resolves.toBe('PONG');
});

test('loses the reply of a command that was executed, and no other', async () => {
  const { line, near, direct } = await lineToRedis();
  await near.set('counter', 0);
  line.loseReply();
  // The client sends again what was not answered.
  await expect(near.incr('counter')).resolves.toBe(2);
  expect(line.lost()).toBe(1);
  await expect(near.incr('counter')).resolves.toBe(3);
  await expect(direct.get('counter')).resolves.toBe('3');
});

test('loses as many replies as it was told to, whosever they are', async () => {
  const { line } = await lineToRedis();
  line.loseReply();
  line.loseReply();
  const sockets = Array.from({ length: 2 }, () => dial(line));
  for (const socket of sockets) socket.write('PING\r\n');
  await Promise.all(sockets.map((socket) => once(socket.resume(), 'close')));
  expect(line.lost()).toBe(2);
  const third = dial(line);
  third.write('PING\r\n');
  expect(String(await once(third, 'data'))).toBe('+PONG\r\n');
});

test('takes what a subscriber is sent for no reply', async () => {
  const { line, near, direct } = await lineToRedis();
  const heard: string[] = [];
  await near.subscribe('news');
  near.on('message', (_, text: string) => heard.push(text));
  line.loseReply();
  await direct.publish('news', 'rain');
  await waitFor(() => heard.includes('rain'));
  expect(line.lost()).toBe(0);
});

test('lets go of either end when the other hangs up', async () => {
  const socketPath = path.join(folder, 'far');
  const arrived: Socket[] = [];
  const server = createServer((far) => void arrived.push(far.on('error', () => {}).resume()));
  server.listen(socketPath);
  closers.push(() => void server.close());
  await once(server, 'listening');
  const line = await startLine(socketPath);
  closers.push(() => line.stop());
  const connected = async (): Promise<{ near: Socket; far: Socket }> => {
    const near = dial(line).resume();
    return { near, far: await waitFor(() => arrived.shift()) };
  };
  const first = await connected();
  first.far.destroy();
  await once(first.near, 'close');
  const second = await connected();
  second.near.destroy();
  await once(second.far, 'close');
  expect(arrived).toEqual([]);
});

test('a socket that nobody listens on is a connection that ends', async () => {
  const line = await startLine(path.join(folder, 'nobody'));
  closers.push(() => line.stop());
  const [hadError] = (await once(dial(line).resume(), 'close')) as [boolean];
  expect(hadError).toBe(false);
});
