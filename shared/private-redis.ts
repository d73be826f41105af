// A Redis of our own for one data directory: found or fetched, started, restarted when it dies, stopped.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cutUnfinished } from './append-only-file.ts';
import { isOurs } from './cache-folder.ts';
import type { FolderLock } from './folder-lock.ts';
import { lockFolder } from './folder-lock.ts';
import { probeRedis } from './redis-probe.ts';
import type { RedisLaunch, RedisProcess } from './redis-process.ts';
import { spawnRedis } from './redis-process.ts';
import type { ServerSearch } from './redis-server.ts';
import { findRedisServer } from './redis-server.ts';
import { StartError } from './start-error.ts';

export type PrivateRedis = {
  /** `unix://…`, as REDIS_URL takes it. */
  readonly url: string;
  /** Name, version and path of the server, for people. */
  readonly description: string;
  /** Ends it after everything is on disk, and waits until it is gone. */
  stop(): Promise<void>;
  /** Ends it at once; what was written in the last second may be lost. */
  kill(): void;
};

export type PrivateRedisOptions = {
  /** Its files are in `redis` under this directory. */
  readonly dataDir: string;
  readonly search: ServerSearch;
  readonly lingerSeconds?: number | undefined;
  /** Told the end of its log when it died by itself and is started again. */
  readonly onRestart?: ((lastWords: string) => void) | undefined;
};

/** Within this time a private Redis has ended or has been killed. */
export const stopWithinMs = 30_000;

/** Starts it on the append-only file of `dataDir`; throws StartError where a live process uses that directory, or no server is to be had. */
export const startPrivateRedis = async (options: PrivateRedisOptions): Promise<PrivateRedis> => {
  const server = await findRedisServer(options.search);
  const directory = path.join(options.dataDir, 'redis');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(path.join(directory, 'lock'));
  try {
    const socketPath = await chooseSocket(directory);
    await endOrphan(socketPath);
    const lingerSeconds = options.lingerSeconds ?? 0;
    const launch = { server, directory, socketPath, isPersistent: true, lingerSeconds };
    const release = async (): Promise<void> => {
      if (path.dirname(socketPath) !== directory)
        await rm(path.dirname(socketPath), { recursive: true, force: true });
      await lock.release();
    };
    return await keepRunning({ launch, lock: { release }, onRestart: options.onRestart });
  } catch (error) {
    await lock.release();
    throw error;
  }
};

/** One that keeps nothing, in a folder that goes with it: for tests. */
export const startThrowawayRedis = async (search: ServerSearch): Promise<PrivateRedis> => {
  const server = await findRedisServer(search);
  const directory = await mkdtemp(path.join(tmpdir(), 'fetchfleet-redis-'));
  const lock = { release: () => rm(directory, { recursive: true, force: true }) };
  const socketPath = path.join(directory, 'redis.sock');
  const launch = { server, directory, socketPath, isPersistent: false, lingerSeconds: 0 };
  return keepRunning({ launch, lock });
};

// The kernel takes 107 bytes on Linux and 103 on macOS.
const maxSocketPathBytes = 100;

const chooseSocket = async (directory: string): Promise<string> => {
  const inside = path.join(directory, 'redis.sock');
  if (Buffer.byteLength(inside) <= maxSocketPathBytes) return inside;
  // The same for the same directory: whoever comes next must find an orphan.
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  const folder = path.join(tmpdir(), `fetchfleet-${process.getuid?.() ?? 0}-${name}`);
  if (!(await isOurs(folder))) throw new StartError(`${folder} belongs to somebody else: remove it`);
  return path.join(folder, 'redis.sock');
};

// We hold the lock, so a Redis that answers here has lost the process that ran it (kill -9). It is ended rather than
// kept: its file has everything, and ours is then a child like any other.
const endOrphan = async (socketPath: string): Promise<void> => {
  const orphan = await probeRedis(socketPath, 5000);
  if (orphan === undefined) return;
  process.kill(orphan.pid, 'SIGTERM');
  const deadline = performance.now() + stopWithinMs;
  while (isRunning(orphan.pid)) {
    if (performance.now() > deadline)
      throw new StartError(`a Redis left behind, process ${orphan.pid}, does not end: kill it`);
    await delay(20);
  }
};

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

type Keeping = {
  readonly launch: RedisLaunch;
  readonly lock: FolderLock;
  readonly onRestart?: PrivateRedisOptions['onRestart'];
};

const keepRunning = async ({ launch, lock, onRestart }: Keeping): Promise<PrivateRedis> => {
  if (launch.isPersistent) await cutUnfinished(launch.directory);
  const state: { current: RedisProcess; isStopping: boolean } = {
    current: spawnRedis(launch),
    isStopping: false,
  };
  const restartOnExit = async (): Promise<void> => {
    await state.current.exited;
    if (state.isStopping) return;
    onRestart?.(state.current.lastWords());
    await delay(restartDelayMs);
    // Where that fails, Redis will say what is wrong with its file.
    if (launch.isPersistent) await cutUnfinished(launch.directory).catch(() => {});
    if (state.isStopping) return;
    state.current = spawnRedis(launch);
    void restartOnExit();
  };
  await state.current.ready();
  void restartOnExit();
  return {
    url: `unix://${encodeURI(launch.socketPath)}`,
    description: launch.server.description,
    stop: async () => {
      state.isStopping = true;
      await state.current.stop(stopWithinMs);
      await lock.release();
    },
    kill: () => {
      state.isStopping = true;
      state.current.kill();
    },
  };
};

// A Redis that cannot start at all (disk full) must not spin.
const restartDelayMs = 500;
