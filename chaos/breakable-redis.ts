// A Redis with an append-only file that can be killed, started again, frozen, filled, and cut off from its clients.
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cutUnfinished } from '../shared/append-only-file.ts';
import { probeRedis } from '../shared/redis-probe.ts';
import { spawnRedis, type RedisProcess } from '../shared/redis-process.ts';
import type { RedisServer } from '../shared/redis-server.ts';
import { closeRedis, connectRedis, untilReady, type Redis } from '../shared/redis.ts';
import { startLine, type Line } from './line.ts';

export type BreakableRedis = {
  /** What the processes under trial are given: through the line. */
  readonly url: string;
  /** What an auditor is given: straight to the server. */
  readonly directUrl: string;
  /** Its working directory, with the append-only file. */
  readonly directory: string;
  readonly line: Line;
  /** Ends it as `kill -9` does, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it on the file it left, as `npm start` does; a file it cannot read rejects with its last words. */
  start(): Promise<void>;
  /** SIGSTOP, and SIGCONT after that time; rejects where it does not run. */
  freeze(ms: number): Promise<void>;
  /** Asks it something straight, on a connection of its own. */
  ask<T>(question: (redis: Redis) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
};

const stopWithinMs = 10_000;

export const startBreakableRedis = async (
  server: RedisServer,
  directory: string,
): Promise<BreakableRedis> => {
  // Beside the temporary folder's name there is little room: a socket's path has 100 bytes.
  const socketPath = path.join(directory, 'r.sock');
  const launch = { server, directory, socketPath, isPersistent: true, lingerSeconds: 0 };
  const running: { process: RedisProcess } = { process: spawnRedis(launch) };
  await running.process.ready();
  const line = await startLine(socketPath);
  const directUrl = `unix://${encodeURI(socketPath)}`;
  return {
    url: line.url,
    directUrl,
    directory,
    line,
    async kill() {
      running.process.kill();
      await running.process.exited;
    },
    async start() {
      await cutUnfinished(directory);
      running.process = spawnRedis(launch);
      await running.process.ready();
    },
    async freeze(ms) {
      const pid = (await probeRedis(socketPath, 5000))?.pid;
      if (pid === undefined) throw new Error('there is no Redis to freeze');
      process.kill(pid, 'SIGSTOP');
      await sleep(ms);
      process.kill(pid, 'SIGCONT');
    },
    async ask(question) {
      const redis = connectRedis(directUrl, 'store');
      try {
        await untilReady(redis, 10_000);
        return await question(redis);
      } finally {
        await closeRedis(redis);
      }
    },
    async stop() {
      await line.stop();
      await running.process.stop(stopWithinMs);
    },
  };
};
