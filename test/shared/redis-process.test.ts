import { afterAll, expect, test } from '@jest/globals';
import path from 'node:path';
import { readHost } from '../../shared/config.ts';
import { probeRedis } from '../../shared/redis-probe.ts';
import type { RedisProcess } from '../../shared/redis-process.ts';
import { spawnRedis } from '../../shared/redis-process.ts';
import { findRedisServer } from '../../shared/redis-server.ts';
import { StartError } from '../../shared/start-error.ts';
import { isRunning } from '../support/run-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const socketPath = path.join(folder, 'redis.sock');
const started = new Set<RedisProcess>();
afterAll(() => started.forEach((redis) => redis.kill()));

const launch = async (command?: string): Promise<RedisProcess> => {
  const found = await findRedisServer(readHost());
  const server = command === undefined ? found : { command, description: command };
  const redis = spawnRedis({ server, directory: folder, socketPath, isPersistent: false, lingerSeconds: 0 });
  started.add(redis);
  return redis;
};

test('is ready when it answers, and gone when it was stopped', async () => {
  const redis = await launch();
  await redis.ready();
  const pid = (await probeRedis(socketPath, 5000))?.pid ?? 0;
  expect(isRunning(pid)).toBe(true);
  await redis.stop(10_000);
  expect(isRunning(pid)).toBe(false);
  expect(redis.lastWords()).toContain('bye bye');
});

test('one that is frozen is killed when its time to stop is over', async () => {
  const redis = await launch();
  await redis.ready();
  process.kill((await probeRedis(socketPath, 5000))?.pid ?? 0, 'SIGSTOP');
  await redis.stop(50);
  await expect(redis.exited).resolves.toBeUndefined();
});

test('one that cannot run is reported with what was said', async () => {
  const redis = await launch('/nowhere/redis-server');
  await expect(redis.ready()).rejects.toThrow(StartError);
  await expect(redis.ready()).rejects.toThrow(/redis-server.*not found/);
});
