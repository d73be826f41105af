import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { openGround } from '../../bench/ground.ts';
import { loadConfig } from '../../shared/config.ts';
import { testRedis } from '../support/redis.ts';

const { url } = testRedis();

test('uses the Redis it is given, and leaves no folder behind', async () => {
  const ground = await openGround(loadConfig({ REDIS_URL: url }));
  const [first, second] = [await ground.newDirectory(), await ground.newDirectory()];
  expect(first).not.toBe(second);
  expect(readdirSync(first)).toEqual([]);
  await ground.remove();
  expect([first, second].filter((directory) => existsSync(directory))).toEqual([]);
  expect(ground.redisUrl).toBe(url);
  expect(ground.redis).toMatch(/^Redis \d+\.\d+\.\d+ \(REDIS_URL, without an append-only file\)$/);
});
