import { createServer } from 'node:net';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { probeRedis } from '../../shared/redis-probe.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { isRunning } from '../support/run-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const own = await startOwnRedis();

test('knows the process behind a socket, and that it is ready', async () => {
  const probe = await probeRedis(own.socketPath, 5000);
  expect(probe?.isLoading).toBe(false);
  expect(isRunning(probe?.pid ?? 0)).toBe(true);
});

test('finds nobody where there is no socket', async () => {
  expect(await probeRedis(path.join(folder, 'none'), 5000)).toBeUndefined();
});

test('does not wait for ever for a listener that says nothing', async () => {
  const socketPath = path.join(folder, 'mute');
  const mute = createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve) => mute.listen(socketPath, resolve));
  await expect(probeRedis(socketPath, 50)).rejects.toThrow('does not answer');
  mute.close();
});
