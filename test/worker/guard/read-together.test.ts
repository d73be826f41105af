import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { readTogether } from '../../../worker/guard/read-together.ts';
import { until } from '../../support/until.ts';

const opened: (() => unknown)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

/** A socket that reads so, and the other end of it. */
const openPair = async (): Promise<{ near: Socket; far: Socket }> => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const near = net.connect({ host: '127.0.0.1', port, onread: readTogether });
  const [far] = await accepted;
  opened.push(
    () => near.destroy(),
    () => far.destroy(),
    () => server.close(),
  );
  return { near, far };
};

const readAll = async (socket: Socket): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

test('what one socket has read stays as it came when another reads', async () => {
  const pairs = await Promise.all(Array.from({ length: 20 }, openPair));
  const texts = pairs.map((_pair, n) => `${n},`.repeat(20_000 + n));
  const read = pairs.map(({ near }) => readAll(near));
  for (const [n, { far }] of pairs.entries()) {
    far.write(texts[n]?.slice(0, 7) ?? '');
    await turn();
    far.end(texts[n]?.slice(7) ?? '');
  }
  expect(await Promise.all(read)).toEqual(texts);
});

test('reads no more than fits while nobody takes it, and goes on when somebody does', async () => {
  const { near, far } = await openPair();
  const text = 'x'.repeat(30_000_000);
  far.end(text);
  await until(() => near.readableLength >= near.readableHighWaterMark);
  const held = near.readableLength;
  for (let turns = 0; turns < 50; turns += 1) await turn();
  expect(near.readableLength).toBe(held);
  expect(near.bytesRead).toBeLessThan(text.length);
  expect(await readAll(near)).toHaveLength(text.length);
});

test('says when the other end has gone', async () => {
  const { near, far } = await openPair();
  const closed = once(near, 'close');
  near.resume();
  far.end();
  await closed;
  expect(near.readableEnded).toBe(true);
});
