import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readHost } from '../../shared/config.ts';
import type { PrivateRedis } from '../../shared/private-redis.ts';
import { startThrowawayRedis } from '../../shared/private-redis.ts';
import { probeRedis } from '../../shared/redis-probe.ts';
import { isRunning } from '../support/run-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const own: { server?: PrivateRedis } = {};

beforeAll(async () => {
  own.server = await startThrowawayRedis(readHost());
});
afterAll(() => own.server?.stop());

test('knows the process behind a socket, and that it is ready', async () => {
  const probe = await probeRedis(new URL(own.server?.url ?? '').pathname, 5000);
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
