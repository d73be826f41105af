// A Redis of its own, with an append-only file, for tests that break it: all others share one, which must stay as it is.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll } from '@jest/globals';
import { readHost } from '../../shared/config.ts';
import { spawnRedis } from '../../shared/redis-process.ts';
import { findRedisServer } from '../../shared/redis-server.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import type { TestRedis } from './redis.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type OwnRedis = TestRedis & {
  readonly socketPath: string;
  /** Ends it as a crash does; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** Starts it again on its file. */
  readonly start: () => Promise<void>;
  /** From here on it takes nothing that costs memory. */
  readonly fill: () => Promise<void>;
  readonly makeRoom: () => Promise<void>;
};

/** To be called at the top of a test file; ends with it. */
export const startOwnRedis = async (): Promise<OwnRedis> => {
  const ending: { kill?: () => Promise<void> } = {};
  afterAll(() => ending.kill?.());
  const directory = path.join(temporaryFolder(), 'redis');
  mkdirSync(directory);
  const socketPath = path.join(directory, 'redis.sock');
  const server = await findRedisServer(readHost());
  const launch = { server, directory, socketPath, isPersistent: true, lingerSeconds: 0 };
  const running = { current: spawnRedis(launch) };
  await running.current.ready();

  const url = `unix://${socketPath}`;
  const redis = connectRedis(url, 'store');
  const kill = async (): Promise<void> => {
    running.current.kill();
    await running.current.exited;
  };
  ending.kill = async () => {
    await closeRedis(redis);
    await kill();
  };
  const allow = async (bytes: number): Promise<void> => void (await redis.config('SET', 'maxmemory', bytes));
  return {
    redis,
    url,
    prefix: 'own',
    socketPath,
    kill,
    async start() {
      running.current = spawnRedis(launch);
      await running.current.ready();
    },
    fill: () => allow(1),
    makeRoom: () => allow(0),
  };
};
