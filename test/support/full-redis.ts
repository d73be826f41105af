// A Redis of its own that a test fills to the brim and gives room again: other tests share one, which must stay as it is.
import { afterAll } from '@jest/globals';
import { readHost } from '../../shared/config.ts';
import { startThrowawayRedis } from '../../shared/private-redis.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import type { TestRedis } from './redis.ts';

export type FullRedis = TestRedis & {
  /** From here on it takes nothing that costs memory. */
  readonly fill: () => Promise<void>;
  readonly makeRoom: () => Promise<void>;
};

/** To be called once, at the top of a test file; ends with it. */
export const startFullRedis = async (): Promise<FullRedis> => {
  const server = await startThrowawayRedis(readHost());
  const redis = connectRedis(server.url, 'store');
  afterAll(async () => {
    await closeRedis(redis);
    await server.stop();
  });
  const allow = async (bytes: number): Promise<void> => void (await redis.config('SET', 'maxmemory', bytes));
  return { redis, url: server.url, prefix: 'full', fill: () => allow(1), makeRoom: () => allow(0) };
};
