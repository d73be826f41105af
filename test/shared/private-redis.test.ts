import { existsSync, mkdirSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { newestIncrement } from '../../shared/append-only-file.ts';
import { readHost } from '../../shared/config.ts';
import type { PrivateRedis } from '../../shared/private-redis.ts';
import { startPrivateRedis, startThrowawayRedis } from '../../shared/private-redis.ts';
import { probeRedis } from '../../shared/redis-probe.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { isRunning, runNode } from '../support/run-process.ts';
import { sourceScript } from '../support/source-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const folder = temporaryFolder();
const search = readHost();

// What a failed test leaves behind would keep Jest from ending.
const started = new Set<PrivateRedis>();
afterAll(() => started.forEach((redis) => redis.kill()));

const start = async (dataDir: string, onRestart?: (lastWords: string) => void): Promise<PrivateRedis> => {
  const redis = await startPrivateRedis({ dataDir: path.join(folder, dataDir), search, onRestart });
  started.add(redis);
  return redis;
};

const pidOf = async (redis: { url: string }): Promise<number> =>
  (await probeRedis(decodeURI(new URL(redis.url).pathname), 5000))?.pid ?? 0;

const call = async (redis: PrivateRedis, ...command: [string, ...string[]]): Promise<unknown> => {
  const connection = connectRedis(redis.url, 'store');
  try {
    return await connection.call(...command);
  } finally {
    await closeRedis(connection);
  }
};

test('keeps what was written for the next start, even after kill -9', async () => {
  const dataDir = 'kept with a space';
  const first = await start(dataDir);
  await call(first, 'SET', 'key', 'value');
  await first.stop();
  const second = await start(dataDir);
  await call(second, 'SET', 'another', 'value');
  second.kill();
  await waitFor(async () => (await pidOf(second)) === 0);
  // The lock is ours still: we are alive, and did not stop it.
  await second.stop();
  const third = await start(dataDir);
  expect(await call(third, 'MGET', 'key', 'another')).toEqual(['value', 'value']);
  await third.stop();
});

test('what the power left half written never comes back', async () => {
  const dataDir = 'torn';
  const write = "for field = 1, 3 do redis.call('HINCRBY', KEYS[1], field, 1) end";
  const first = await start(dataDir);
  await call(first, 'EVAL', write, '1', 'torn');
  await first.stop();
  const file = (await newestIncrement(path.join(folder, dataDir, 'redis'))) ?? '';
  truncateSync(file, statSync(file).size - 20);
  const second = await start(dataDir);
  await call(second, 'EVAL', write, '1', 'later');
  await second.stop();
  const third = await start(dataDir);
  expect(await call(third, 'KEYS', '*')).toEqual(['later']);
  await third.stop();
});

test('evicts nothing, writes every command to a file, and lets nobody else in', async () => {
  const redis = await start('settings');
  expect(await call(redis, 'CONFIG', 'GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  expect(await call(redis, 'CONFIG', 'GET', 'appendonly')).toEqual(['appendonly', 'yes']);
  expect(await call(redis, 'CONFIG', 'GET', 'port')).toEqual(['port', '0']);
  expect(statSync(path.join(folder, 'settings', 'redis')).mode & 0o077).toBe(0);
  await redis.stop();
});

test('stopping waits until it is gone', async () => {
  const redis = await start('stopped');
  const pid = await pidOf(redis);
  await redis.stop();
  expect(isRunning(pid)).toBe(false);
});

test('listens on a short path where that of the data directory is too long for a socket', async () => {
  const redis = await start('x'.repeat(120));
  const socketPath = new URL(redis.url).pathname;
  expect(Buffer.byteLength(socketPath)).toBeLessThan(100);
  expect(await call(redis, 'PING')).toBe('PONG');
  await redis.stop();
  expect(existsSync(path.dirname(socketPath))).toBe(false);
});

test('refuses a data directory that another live process uses', async () => {
  const redis = await start('busy');
  await expect(start('busy')).rejects.toThrow(/in use by process \d+ .* set FETCHFLEET_DATA_DIR/);
  expect(await call(redis, 'PING')).toBe('PONG');
  await redis.stop();
});

test('is started again when it dies, with what it had', async () => {
  const words: string[] = [];
  const onRestart = (lastWords: string): void => void words.push(lastWords);
  const redis = await start('restarted', onRestart);
  await call(redis, 'SET', 'key', 'value');
  const pid = await pidOf(redis);
  process.kill(pid, 'SIGKILL');
  const next = await waitFor(async () => {
    const found = await pidOf(redis);
    return found !== 0 && found !== pid && found;
  });
  expect(await call(redis, 'GET', 'key')).toBe('value');
  expect(words[0]).toContain('ready to accept connections');
  await redis.stop();
  expect(isRunning(next)).toBe(false);
});

test('says why it could not start', async () => {
  mkdirSync(path.join(folder, 'broken', 'redis', 'redis.sock', 'in the way'), { recursive: true });
  await expect(start('broken')).rejects.toThrow(/did not start; it said:\n.*Failed opening Unix socket/s);
});

test('after kill -9 of its owner, the next start ends the orphan and has everything it had', async () => {
  const owner = runNode(sourceScript('test/support/fixtures/own-redis.ts'), {
    env: { DATA_DIR: path.join(folder, 'orphan'), LINGER: '60' },
  });
  await owner.says(/pid \d+/);
  const orphan = Number(/pid (\d+)/.exec(owner.output())?.[1]);
  owner.signal('SIGKILL');
  await owner.exit;
  expect(isRunning(orphan)).toBe(true);
  const redis = await start('orphan');
  expect(isRunning(orphan)).toBe(false);
  expect(await call(redis, 'GET', 'owner')).toBe(String(owner.pid));
  await redis.stop();
});

test('after kill -9 of its owner, it ends by itself when its time to linger is over', async () => {
  const owner = runNode(sourceScript('test/support/fixtures/own-redis.ts'), {
    env: { DATA_DIR: path.join(folder, 'lingering'), LINGER: '0' },
  });
  await owner.says(/pid \d+/);
  const orphan = Number(/pid (\d+)/.exec(owner.output())?.[1]);
  owner.signal('SIGKILL');
  await expect(waitFor(() => !isRunning(orphan))).resolves.toBe(true);
});

test('one for tests takes its folder along', async () => {
  const redis = await startThrowawayRedis(search);
  const directory = path.dirname(new URL(redis.url).pathname);
  expect(await call(redis, 'CONFIG', 'GET', 'appendonly')).toEqual(['appendonly', 'no']);
  await redis.stop();
  expect(existsSync(directory)).toBe(false);
});
