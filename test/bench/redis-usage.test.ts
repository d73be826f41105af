import { expect, test } from '@jest/globals';
import { redisBytes } from '../../bench/redis-usage.ts';
import { testRedis } from '../support/redis.ts';

const { redis, url, prefix } = testRedis();

test('reads how much a Redis holds', async () => {
  const before = await redisBytes(url);
  await redis.set(`${prefix}:much`, Buffer.alloc(5_000_000));
  expect((await redisBytes(url)) - before).toBeGreaterThan(4_000_000);
});
