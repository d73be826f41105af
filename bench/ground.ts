// What the scenarios stand on: a Redis with its append-only file, and folders that go when the benchmark ends.
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readHost, type Config } from '../shared/config.ts';
import { startPrivateRedis } from '../shared/private-redis.ts';
import { connectRedis } from '../shared/redis.ts';

export type BenchGround = {
  readonly redisUrl: string;
  /** Which Redis, for the reader of the figures. */
  readonly redis: string;
  newDirectory(): Promise<string>;
  remove(): Promise<void>;
};

/** Uses REDIS_URL where it is set, else a private Redis as `npm start` runs one. */
export const openGround = async (config: Config): Promise<BenchGround> => {
  const root = await mkdtemp(path.join(tmpdir(), 'fetchfleet-bench-'));
  const redis =
    config.redisUrl === undefined
      ? await startPrivateRedis({ dataDir: root, search: readHost() })
      : { url: config.redisUrl, description: await describeGiven(config.redisUrl), stop: async () => {} };
  const made = { directories: 0 };
  return {
    redisUrl: redis.url,
    redis: redis.description,
    async newDirectory() {
      made.directories += 1;
      const directory = path.join(root, String(made.directories));
      await mkdir(directory);
      return directory;
    },
    async remove() {
      await redis.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
};

/** Its version, and whether it keeps a file. One that does not answer within 5 s is found out about by the scenarios. */
const describeGiven = async (url: string): Promise<string> => {
  const redis = connectRedis(url, 'store');
  try {
    const silence = sleep(5000, '', { ref: false });
    const report = await Promise.race([redis.info().catch(() => ''), silence]);
    const version = /^redis_version:(\S+)/m.exec(report)?.[1] ?? 'of an unknown version';
    const file = /^aof_enabled:1/m.test(report) ? 'with' : 'without';
    return `Redis ${version} (REDIS_URL, ${file} an append-only file)`;
  } finally {
    redis.disconnect();
  }
};
