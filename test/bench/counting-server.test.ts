import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createCountingServer, type CountingServer } from '../../bench/counting-server.ts';
import { toSightings } from '../../bench/sighting-log.ts';
import type { Sighting } from '../../bench/sighting.ts';
import { waitFor } from '../support/wait-for.ts';

const closers: (() => unknown)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

type Listening = CountingServer & { readonly port: number; seen(): readonly Sighting[] };

const listen = async (): Promise<Listening> => {
  const counting = createCountingServer();
  counting.server.listen(0, '127.0.0.1');
  closers.push(() => counting.server.close());
  await once(counting.server, 'listening');
  const { port } = counting.server.address() as AddressInfo;
  return { ...counting, port, seen: () => toSightings(counting.sightings()) };
};

type Visitor = { readonly socket: Socket; ask(host: string, more?: string): void; heard(): string };

const dial = async ({ port }: Listening): Promise<Visitor> => {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  closers.push(() => socket.destroy());
  const heard: string[] = [];
  socket.on('data', (text: string) => heard.push(text));
  await once(socket, 'connect');
  return {
    socket,
    ask: (host, more = '') => socket.write(`GET /17 HTTP/1.1\r\nHost: ${host}.localhost:1\r\n${more}\r\n`),
    heard: () => heard.join(''),
  };
};

test('answers, and notes who came to which host and left', async () => {
  const counting = await listen();
  const visitor = await dial(counting);
  visitor.ask('b');
  await waitFor(() => visitor.heard().endsWith('{"n":0}'));
  visitor.ask('a');
  await waitFor(() => visitor.heard().endsWith('{"n":1}'));
  expect(visitor.heard()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*connection: keep-alive\r\n/);
  const answered = { path: 17, inFlight: 1, ending: 'answered' };
  expect(counting.seen()).toMatchObject([
    { host: 'b', ...answered },
    { host: 'a', ...answered },
  ]);
  expect(counting.progress()).toEqual({ arrived: 2, inFlight: 0 });
});

test('counts those at the same host at once, and lets go of who hangs up', async () => {
  const counting = await listen();
  counting.behave({ is: 'hanging' });
  const visitors = [await dial(counting), await dial(counting), await dial(counting)];
  for (const visitor of visitors) visitor.ask('a');
  await waitFor(() => counting.progress().inFlight === 3);
  expect(counting.seen().map(({ inFlight }) => inFlight)).toEqual([1, 2, 3]);
  visitors[1]?.socket.destroy();
  await waitFor(() => counting.progress().inFlight === 2);
  const closed = counting.seen().filter(({ ending }) => ending === 'closed');
  expect(closed).toHaveLength(1);
  expect(closed[0]?.leftMs).toBeGreaterThanOrEqual(closed[0]?.arrivedMs ?? Number.NaN);
});

test('waits for the rest of a head before anybody has arrived', async () => {
  const counting = await listen();
  const visitor = await dial(counting);
  visitor.socket.write('GET / HTTP/1.1\r\nHost: a.loc');
  visitor.socket.write('alhost\r\n\r');
  await new Promise((resolve) => setImmediate(resolve));
  expect(counting.progress().arrived).toBe(0);
  visitor.socket.write('\n');
  await waitFor(() => visitor.heard().includes('200 OK'));
});

test('lets one host behave apart from the others', async () => {
  const counting = await listen();
  counting.behave({ is: 'throttling', retryAfterSeconds: 3, delayMs: 0 }, 'a');
  const visitor = await dial(counting);
  visitor.ask('a');
  await waitFor(() => visitor.heard().endsWith('{"n":0}'));
  expect(visitor.heard()).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: 3\r\n/);
  visitor.ask('b');
  await waitFor(() => visitor.heard().includes('200 OK'));
  expect(counting.seen().map(({ ending }) => ending)).toEqual(['refused', 'answered']);
});

test('fills its answers up to a length', async () => {
  const counting = await listen();
  counting.behave({ is: 'steady', delayMs: 0, bodyBytes: 9 });
  const visitor = await dial(counting);
  visitor.ask('a');
  await waitFor(() => visitor.heard().endsWith('\r\n\r\n{"n":0}  '));
  expect(visitor.heard()).toContain('content-length: 9\r\n');
});

test('strains under many, and refuses beyond its cap', async () => {
  const counting = await listen();
  counting.behave({ is: 'strained', baseMs: 60_000, knee: 1, cap: 1 }, 'a');
  const [first, second] = [await dial(counting), await dial(counting)];
  first.ask('a');
  await waitFor(() => counting.progress().inFlight === 1);
  second.ask('a');
  await waitFor(() => second.heard().includes('503'));
  expect(first.heard()).toBe('');
});

test('closes the connection after the answer where it is asked to', async () => {
  const counting = await listen();
  const visitor = await dial(counting);
  visitor.ask('a', 'Connection: close\r\n');
  await once(visitor.socket, 'end');
  expect(visitor.heard()).toContain('connection: close');
});
