import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { startBreakableRedis, type BreakableRedis } from '../../chaos/breakable-redis.ts';
import { readHost } from '../../shared/config.ts';
import { probeRedis } from '../../shared/redis-probe.ts';
import { closeRedis, connectRedis, untilReady } from '../../shared/redis.ts';
import { findRedisServer, type RedisServer } from '../../shared/redis-server.ts';
import { isRunning } from '../support/run-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const folder = temporaryFolder();
const found: { server?: RedisServer } = {};
const started: BreakableRedis[] = [];

beforeAll(async () => {
  found.server = await findRedisServer(readHost());
});
afterEach(() => Promise.all(started.splice(0).map((redis) => redis.stop())));

const start = async (): Promise<BreakableRedis> => {
  const redis = await startBreakableRedis(
    found.server ?? { command: '', description: '' },
    await mkdtemp(`${folder}/`),
  );
  started.push(redis);
  return redis;
};

const pidOf = async ({ directory }: BreakableRedis): Promise<number | undefined> =>
  (await probeRedis(path.join(directory, 'r.sock'), 5000))?.pid;

/** The third field of /proc/<pid>/stat (proc(5)). */
const isStopped = (pid: number): boolean => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T ');

test('is reached through its line, or straight', async () => {
  const redis = await start();
  const near = connectRedis(redis.url, 'store');
  await untilReady(near, 10_000);
  await near.set('word', 'hello');
  await closeRedis(near);
  redis.line.cut();
  expect(await redis.ask((direct) => direct.get('word'))).toBe('hello');
});

test('killed, it is gone; started again, it has all that was written', async () => {
  const redis = await start();
  await redis.ask((direct) => direct.set('word', 'hello'));
  const pid = (await pidOf(redis)) ?? 0;
  await redis.kill();
  expect(isRunning(pid)).toBe(false);
  expect(await pidOf(redis)).toBeUndefined();
  await redis.start();
  expect(await redis.ask((direct) => direct.get('word'))).toBe('hello');
});

test('does not start on a file that it cannot read, and says why', async () => {
  const redis = await start();
  await redis.ask((direct) => direct.set('word', 'hello'));
  await redis.kill();
  const files = path.join(redis.directory, 'appendonlydir');
  const increment = (await readdir(files)).find((file) => file.endsWith('.incr.aof'));
  await writeFile(path.join(files, increment ?? ''), 'this is no command\r\n');
  await expect(redis.start()).rejects.toThrow(/Bad file format/);
});

test('frozen, it keeps silent; then it goes on', async () => {
  const redis = await start();
  const near = connectRedis(redis.url, 'store');
  await untilReady(near, 10_000);
  const answered: string[] = [];
  const pid = (await pidOf(redis)) ?? 0;
  const freezing = redis.freeze(1500).then(() => answered.push('thawed'));
  await waitFor(() => isStopped(pid));
  const asking = near.ping().then((reply) => answered.push(reply));
  await Promise.all([freezing, asking]);
  expect(answered).toEqual(['thawed', 'PONG']);
  await closeRedis(near);
});

test('cannot be frozen where it does not run', async () => {
  const redis = await start();
  await redis.kill();
  await expect(redis.freeze(1)).rejects.toThrow('there is no Redis to freeze');
});

test('stopped, it is gone, and so is its line', async () => {
  const redis = await start();
  const pid = (await pidOf(redis)) ?? 0;
  await started.pop()?.stop();
  expect(isRunning(pid)).toBe(false);
  const near = connectRedis(redis.url, 'api');
  await expect(untilReady(near, 200)).rejects.toThrow('ECONNREFUSED');
  await closeRedis(near);
});
