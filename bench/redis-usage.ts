// What a Redis holds, and what it has used.
import { closeRedis, connectRedis } from '../shared/redis.ts';

export type RedisUsage = {
  /** `used_memory`. */
  readonly bytes: number;
  /** User and system time so far. */
  readonly cpuSeconds: number;
  /** Of the append-only file; not a number where there is none. */
  readonly fileBytes: number;
};

/** What INFO says. */
export const redisUsage = async (url: string): Promise<RedisUsage> => {
  const redis = connectRedis(url, 'store');
  try {
    const report = await redis.info();
    const field = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(report)?.[1]);
    return {
      bytes: field('used_memory'),
      cpuSeconds: field('used_cpu_sys') + field('used_cpu_user'),
      fileBytes: field('aof_current_size'),
    };
  } finally {
    await closeRedis(redis);
  }
};

export const redisBytes = async (url: string): Promise<number> => (await redisUsage(url)).bytes;
