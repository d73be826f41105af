// What a Redis holds.
import { closeRedis, connectRedis } from '../shared/redis.ts';

/** `used_memory` of INFO. */
export const redisBytes = async (url: string): Promise<number> => {
  const redis = connectRedis(url, 'store');
  try {
    const report = await redis.info('memory');
    return Number(/^used_memory:(\d+)/m.exec(report)?.[1]);
  } finally {
    await closeRedis(redis);
  }
};
