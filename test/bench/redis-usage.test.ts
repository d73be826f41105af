import { expect, test } from '@jest/globals';
import { redisBytes, redisUsage } from '../../bench/redis-usage.ts';
import { testRedis } from '../support/redis.ts';

const { redis, url, prefix } = testRedis();

test('reads how much a Redis holds', async () => {
  const before = await redisBytes(url);
  await redis.set(`${prefix}:much`, Buffer.alloc(5_000_000));
  expect((await redisBytes(url)) - before).toBeGreaterThan(4_000_000);
});

test('reads what a Redis has used so far, and that it keeps no file', async () => {
  const before = await redisUsage(url);
  await redis.eval("local sum = 0 for i = 1, 2e6 do sum = sum + i end return 'done'", 0);
  const after = await redisUsage(url);
  expect(after.cpuSeconds).toBeGreaterThan(before.cpuSeconds);
  expect(after.fileBytes).toBeNaN();
});
