import { afterAll, expect, test } from '@jest/globals';
import { cutAppendOnlyFile } from '../../chaos/append-only-file.ts';
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
