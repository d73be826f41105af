// A connection to the Redis of this test run, and a key prefix that no other test file has.
import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import type { Redis } from '../../shared/redis.ts';

export type TestRedis = { readonly redis: Redis; readonly url: string; readonly prefix: string };

/** To be called once, at the top of a test file: after its tests, its keys are removed and the connection is closed. */
export const testRedis = (): TestRedis => {
  const url = process.env['TEST_REDIS_URL'];
  if (url === undefined) throw new Error('global-setup.ts has not run');
  const redis = connectRedis(url, 'store');
  const prefix = `test-${randomBytes(6).toString('hex')}`;
  afterAll(async () => {
    await removeKeys(redis, prefix);
    await closeRedis(redis);
  });
  return { redis, url, prefix };
};

const removeKeys = async (redis: Redis, prefix: string): Promise<void> => {
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1000 })) {
    if ((keys as string[]).length > 0) await redis.unlink(...(keys as string[]));
  }
};
