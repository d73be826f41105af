// What the scenarios stand on: a Redis with its append-only file, and folders that go when the benchmark ends.
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readHost, type Config } from '../shared/config.ts';
import { startPrivateRedis } from '../shared/private-redis.ts';

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
      : { url: config.redisUrl, description: 'REDIS_URL', stop: async () => {} };
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
