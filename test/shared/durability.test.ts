import { afterEach, expect, test } from '@jest/globals';
import { canSettle, createDurability, noDurability, type Durability } from '../../shared/durability.ts';
import { closeRedis, connectRedis, untilReady, type Redis } from '../../shared/redis.ts';
import { startFakeRedis, type FakeRedis } from '../support/fake-redis.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis } = testRedis();
const own = await startOwnRedis();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const start = async (...replies: Parameters<typeof startFakeRedis>): Promise<FakeRedis> => {
  const server = await startFakeRedis(...replies);
  closers.push(async () => {
    server.cut();
    await server.close();
  });
  return server;
};

const connect = async ({ url }: FakeRedis): Promise<Redis> => {
  const connection = connectRedis(url, 'disk');
  closers.push(() => closeRedis(connection));
  await untilReady(connection, 5000);
  return connection;
};

const info = { text: 'redis_version:7.4.0\r\n' };
const onDisk = '*2\r\n:1\r\n:0\r\n';
const notYet = '*2\r\n:0\r\n:0\r\n';

/** A server whose flushes end when a test says so, with what it says. */
const startFlushing = async (
  connections: number,
): Promise<{ durability: Durability; server: FakeRedis; waits: ((reply: string) => void)[] }> => {
  const waits: ((reply: string) => void)[] = [];
  const waitaof = (): Promise<string> => new Promise((resolve) => void waits.push(resolve));
  const server = await start(info, { waitaof });
  const all = await Promise.all(Array.from({ length: connections }, () => connect(server)));
  return { durability: createDurability({ connections: all, mark: 'mark', gapMs: 1 }), server, waits };
};

const unknown = "-ERR unknown command 'WAITAOF', with args beginning with: '1' '0' '1'\r\n";
const disabled = '-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n';
const denied = '-NOPERM this user has no permissions\r\n';
const policy = (name: string): string => `*2\r\n$11\r\nappendfsync\r\n$${name.length}\r\n${name}\r\n`;

test.each([
  ['writes to its disk every second', onDisk, policy('everysec'), true],
  ['writes to its disk always', onDisk, policy('always'), true],
  ['does not tell when it writes to its disk', onDisk, denied, true],
  ['leaves it to the machine when it writes', onDisk, policy('no'), false],
  ['does not know the command', unknown, policy('everysec'), false],
  ['keeps no append-only file', disabled, policy('everysec'), false],
  ['does not allow it', denied, denied, false],
])('a server that %s is told from others', async (_, waitaof, config, expected) => {
  const server = await start(info, { waitaof: () => waitaof, config: () => config });
  expect(await canSettle(await connect(server))).toBe(expected);
});

test('a server that is away says nothing of what it can', async () => {
  const server = await start(info);
  const connection = await connect(server);
  server.cut();
  await waitFor(() => connection.status !== 'ready');
  await expect(canSettle(connection)).rejects.toThrow("isn't writeable");
});

test('the server of this run is asked and understood', async () => {
  const [, major, minor] = /redis_version:(\d+)\.(\d+)/.exec(await redis.info('server')) ?? [];
  const isOld = Number(major) === 7 && Number(minor) < 2;
  const isAppending = /aof_enabled:1/.test(await redis.info('persistence'));
  expect(await canSettle(redis)).toBe(!isOld && isAppending);
});

test('a real server that can is waited for, though it is full', async () => {
  const connection = connectRedis(own.url, 'disk');
  await untilReady(connection, 5000);
  closers.push(
    () => closeRedis(own.redis),
    own.kill,
    () => closeRedis(connection),
  );
  const isAble = await canSettle(own.redis);
  const durability = isAble ? createDurability({ connections: [connection], mark: 'mark' }) : noDurability;
  await own.redis.set('written', 'x');
  await own.fill();
  expect(await durability.settle()).toBe(true);
  expect(await own.redis.get('written')).toBe('x');
});

test('waits for the flush that follows a write of its own', async () => {
  const { durability, server, waits } = await startFlushing(1);
  const state = { isSettled: false };
  const settled = durability.settle().finally(() => (state.isSettled = true));
  await waitFor(() => waits.length === 1);
  expect(server.received()).toMatch(/eval\r\n[^]*\r\nmark\r\n[^]*waitaof\r\n/i);
  expect(state.isSettled).toBe(false);
  waits[0]?.(onDisk);
  expect(await settled).toBe(true);
});

test('says when it took too long', async () => {
  const { durability, waits } = await startFlushing(1);
  const settled = durability.settle();
  await waitFor(() => waits.length === 1);
  waits[0]?.(notYet);
  expect(await settled).toBe(false);
});

test('who comes during a wait shares the next one, and never that one', async () => {
  const { durability, waits } = await startFlushing(1);
  const first = durability.settle();
  await waitFor(() => waits.length === 1);
  const others = Array.from({ length: 50 }, () => durability.settle());
  waits[0]?.(onDisk);
  expect(await first).toBe(true);
  await waitFor(() => waits.length === 2);
  waits[1]?.(notYet);
  expect(await Promise.all(others)).toEqual(others.map(() => false));
  expect(waits).toHaveLength(2);
});

test('where there are more connections a later one need not wait for an earlier one', async () => {
  const { durability, waits } = await startFlushing(2);
  const first = durability.settle();
  await waitFor(() => waits.length === 1);
  const second = durability.settle();
  await waitFor(() => waits.length === 2);
  waits[1]?.(onDisk);
  expect(await second).toBe(true);
  waits[0]?.(onDisk);
  expect(await first).toBe(true);
});

test('rejects who waits, and who stands in line, where the server went away, and sends nothing again', async () => {
  const { durability, server, waits } = await startFlushing(1);
  const [first, second] = [durability.settle(), durability.settle()];
  const answers = Promise.allSettled([first, second]);
  await waitFor(() => waits.length === 1);
  server.cut();
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const third = waitFor(() => durability.settle().catch(() => undefined));
  await waitFor(() => waits.length === 2);
  waits[1]?.(onDisk);
  expect(await third).toBe(true);
});

test('a server that cannot say is not waited for', async () => {
  expect(await noDurability.settle()).toBe(true);
});
