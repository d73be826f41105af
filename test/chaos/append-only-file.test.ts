import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { cutAppendOnlyFile, untilGrown } from '../../chaos/append-only-file.ts';
import { startBreakableRedis, type BreakableRedis } from '../../chaos/breakable-redis.ts';
import { readHost } from '../../shared/config.ts';
import { findRedisServer } from '../../shared/redis-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const started: BreakableRedis[] = [];
afterAll(async () => {
  for (const redis of started) await redis.stop();
});

test('what was written last is lost, and Redis starts with the rest', async () => {
  const redis = await startBreakableRedis(await findRedisServer(readHost()), folder);
  started.push(redis);
  await redis.ask((client) => client.set('first', 'x'.repeat(10_000)));
  await redis.ask((client) => client.set('last', 'x'.repeat(10_000)));
  await redis.kill();
  expect(await cutAppendOnlyFile(folder, 5000)).toBe(5000);
  await redis.start();
  expect(await redis.ask((client) => client.exists('first'))).toBe(1);
  expect(await redis.ask((client) => client.exists('last'))).toBe(0);
  await redis.kill();
  const cut = await cutAppendOnlyFile(folder, 50_000);
  expect(cut).toBeGreaterThanOrEqual(10_000);
  expect(cut).toBeLessThan(20_000);
  await redis.start();
  expect(await redis.ask((client) => client.dbsize())).toBe(0);
}, 30_000);

test('tells when so much has been written, or that it takes too long', async () => {
  const directory = path.join(folder, 'growing');
  await mkdir(directory);
  const redis = await startBreakableRedis(await findRedisServer(readHost()), directory);
  started.push(redis);
  const { signal } = new AbortController();
  const grown = { is: false };
  const growing = untilGrown(directory, { bytes: 30_000, withinMs: 20_000, signal }).then(() => {
    grown.is = true;
  });
  await redis.ask((client) => client.set('a', 'x'.repeat(20_000)));
  expect(grown.is).toBe(false);
  await redis.ask((client) => client.set('b', 'x'.repeat(20_000)));
  await growing;
  await untilGrown(directory, { bytes: 30_000, withinMs: 50, signal });
}, 30_000);
