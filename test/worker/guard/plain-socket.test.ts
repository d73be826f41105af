import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlainSocket } from '../../../worker/guard/plain-socket.ts';
import type { ByteReader } from '../../../worker/guard/plain-socket.ts';
import { until } from '../../support/until.ts';

const open = new Set<net.Socket | net.Server>();

afterEach(() => {
  for (const each of open) {
    if (each instanceof net.Server) each.close();
    else each.destroy();
  }
  open.clear();
});

/** A socket, and the one at its other end. */
const connect = async (): Promise<{ near: PlainSocket; far: net.Socket }> => {
  const server = net.createServer({ noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const near = new PlainSocket().connect({ port, host: '127.0.0.1' });
  const [far] = (await once(server, 'connection')) as [net.Socket];
  far.on('error', () => undefined);
  for (const each of [server, near, far]) open.add(each);
  return { near, far };
};

/** Takes what comes when it is told of it, and keeps it as it was given. */
const collect = (near: PlainSocket): { readonly pieces: Buffer[]; length(): number } => {
  const pieces: Buffer[] = [];
  near.on('readable', () => {
    for (let piece = near.read(); piece !== null; piece = near.read()) pieces.push(piece);
  });
  return { pieces, length: () => pieces.reduce((sum, { length }) => sum + length, 0) };
};

const onBytes = (): number => 0;

const sendInTurn = async (far: net.Socket, near: { length(): number }, ...texts: string[]): Promise<void> => {
  let sent = 0;
  for (const text of texts) {
    far.write(text);
    sent += text.length;
    await until(() => near.length() === sent);
  }
};

test.each([
  ['is written over where its reader is done with it', false, 'nextnext'],
  ['is left alone where its reader may look again', true, 'here next'],
])('what was taken %s', async (_what, keeps, expected) => {
  const { near, far } = await connect();
  near.reader = { onBytes, keepsBytes: () => keeps };
  const taken = collect(near);
  await sendInTurn(far, taken, keeps ? 'here ' : 'here', 'next');
  expect(Buffer.concat(taken.pieces).toString()).toBe(expected);
});

test('nothing is written over where nobody says that it may be', async () => {
  const { near, far } = await connect();
  const taken = collect(near);
  await sendInTurn(far, taken, 'one ', 'two ', 'three');
  expect(Buffer.concat(taken.pieces).toString()).toBe('one two three');
});

test('hands on its bytes where the second of two addresses is the one that answers', async () => {
  const server = net.createServer((far) => far.end('hello')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const both = ['127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 }));
  const near = new PlainSocket().connect({
    port,
    host: 'two.test',
    autoSelectFamily: true,
    lookup: (_name, _options, callback) => callback(null, both),
  });
  for (const each of [server, near]) open.add(each);
  near.reader = { onBytes, keepsBytes: () => false };
  const taken = collect(near);
  await once(near, 'end');
  expect([near.remoteAddress, Buffer.concat(taken.pieces).toString()]).toEqual(['127.0.0.1', 'hello']);
  expect(taken.pieces[0]?.buffer.byteLength).toBe(16_384);
});

test('makes more room once it was filled', async () => {
  const { near, far } = await connect();
  near.reader = { onBytes, keepsBytes: () => false };
  const taken = collect(near);
  far.write(Buffer.alloc(2_000_000));
  await until(() => taken.length() === 2_000_000);
  expect(taken.pieces[0]?.buffer.byteLength).toBe(16_384);
  expect(taken.pieces.at(-1)?.buffer.byteLength).toBe(65_536);
  expect(new Set(taken.pieces.map(({ buffer }) => buffer)).size).toBe(2);
});

/** A reader of bytes that `take` looks at first. */
const reading = (take: ByteReader['onBytes']): ByteReader => ({ onBytes: take, keepsBytes: () => false });

test('shows what has come before anybody takes it', async () => {
  const { near, far } = await connect();
  const shown: string[] = [];
  near.reader = reading((_socket, bytes) => {
    shown.push(bytes.toString());
    return 0;
  });
  const taken = collect(near);
  await sendInTurn(far, taken, 'hello', 'world', 'bye');
  expect(shown).toEqual(['hello', 'world', 'bye']);
  expect(taken.pieces[0]).toBe(taken.pieces[1]);
});

test('its reader may change the bytes, and spare others the first of them', async () => {
  const { near, far } = await connect();
  near.reader = reading((_socket, bytes) => bytes.write('J', bytes.length - 4));
  const texts: string[] = [];
  const pieces: Buffer[] = [];
  near.on('readable', () => {
    const piece = near.read() ?? Buffer.alloc(0);
    pieces.push(piece);
    texts.push(piece.toString());
  });
  for (const [count, text] of ['hello', 'hello', 'good bye'].entries()) {
    far.write(text);
    await until(() => texts.length === count + 1);
  }
  expect(texts).toEqual(['Jllo', 'Jllo', 'oodJbye']);
  expect(pieces[0]).toBe(pieces[1]);
});

test('what its reader left is kept where nobody takes it', async () => {
  const { near, far } = await connect();
  near.reader = reading(() => 6);
  far.write('hello world');
  await until(() => near.readableLength > 0);
  expect(near.read()?.toString()).toBe('world');
});

test('its reader may have none of it', async () => {
  const { near, far } = await connect();
  near.reader = reading((socket) => {
    socket.destroy();
    return 0;
  });
  const taken = collect(near);
  far.write('too much');
  await once(near, 'close');
  expect(taken.pieces).toEqual([]);
});

test('keeps what nobody took, in order, for whoever comes', async () => {
  const { near, far } = await connect();
  near.reader = { onBytes, keepsBytes: () => false };
  far.write('one ');
  await until(() => near.readableLength === 4);
  far.write('two ');
  await until(() => near.readableLength === 8);
  const text: string[] = [];
  near.on('data', (piece: Buffer) => text.push(piece.toString()));
  far.end('three');
  await once(near, 'end');
  expect(text.join('')).toBe('one two three');
});

test('takes back what was too much, without holding on to where it was read into', async () => {
  const { near, far } = await connect();
  near.reader = { onBytes, keepsBytes: () => false };
  near.once('readable', () => near.unshift(near.read()?.subarray(2) ?? Buffer.alloc(0)));
  far.write('abcdef');
  await until(() => near.readableLength === 4);
  far.write('UVWXYZ');
  await until(() => near.readableLength === 10);
  expect(near.read()?.toString()).toBe('cdefUVWXYZ');
});

test('ends, and fails, as every socket', async () => {
  const ending = await connect();
  const taken = collect(ending.near);
  ending.far.end('last');
  await once(ending.near, 'end');
  expect(Buffer.concat(taken.pieces).toString()).toBe('last');

  const failing = await connect();
  failing.near.on('readable', () => failing.near.read());
  const failed = once(failing.near, 'error');
  failing.far.resetAndDestroy();
  expect(await failed.catch((error: unknown) => error)).toMatchObject([{ code: 'ECONNRESET' }]);
});

test('hands on nothing more once it was destroyed', async () => {
  const { near, far } = await connect();
  const read: (Buffer | null)[] = [];
  near.on('readable', () => {
    near.destroy();
    read.push(near.read());
  });
  far.write('too late');
  await once(near, 'close');
  await sleep(0);
  expect(read.every((piece) => piece === null)).toBe(true);
});

test('reads nothing more while it is held', async () => {
  const { near, far } = await connect();
  near.reader = { onBytes, keepsBytes: () => false };
  const taken = collect(near);
  near.once('readable', () => near.hold());
  far.write('first');
  await until(() => taken.length() === 5);
  far.write(Buffer.alloc(30_000_000));
  await sleep(50);
  expect(taken.length()).toBe(5);
  expect(far.writableLength).toBeGreaterThan(0);
  near.release();
  near.release();
  await until(() => taken.length() === 30_000_005);
});

test('holds what nobody took, too', async () => {
  const { near, far } = await connect();
  far.write('one ');
  await until(() => near.readableLength === 4);
  near.hold();
  expect(near.read()).toBeNull();
  const taken = collect(near);
  near.release();
  await until(() => taken.length() === 4);
  near.hold();
  near.release();
  near.destroy();
  await once(near, 'close');
});
