// Fetchfleet as it is deployed on several machines: one API and several workers, each a process that can be killed.
import { existsSync } from 'node:fs';
import { closeRedis, connectRedis } from '../shared/redis.ts';
import { createApiClient, type ApiClient } from './api-client.ts';
import { scriptPath } from './script.ts';
import { freePort, startService, untilReady, type Service } from './service.ts';

export type FleetOptions = {
  readonly redisUrl: string;
  /** For the bodies that are too large for Redis. */
  readonly directory: string;
  readonly workers: number;
  /** Variables of ours, beside or instead of those every fleet is given. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Aborts every call of `api`. */
  readonly signal: AbortSignal;
};

export type Fleet = {
  readonly api: ApiClient;
  /** The workers that live, the eldest first. */
  workerPids(): readonly number[];
  /** Resolves when one more takes slices. */
  startWorker(): Promise<void>;
  /** Ends a worker as a crash does. */
  killWorker(pid: number): Promise<void>;
  stop(): Promise<void>;
};

const scripts = { api: scriptPath('api/main'), worker: scriptPath('worker/main') };
const keyPrefix = 'bench-fleet';

/** Resolves when the API answers and all workers take slices; begins with no keys of an earlier fleet, and leaves none. */
export const startFleet = async (options: FleetOptions): Promise<Fleet> => {
  if (!Object.values(scripts).every(existsSync)) throw new Error('the API and the worker are not built');
  await removeKeys(options.redisUrl);
  const port = await freePort();
  const environment = environmentOf(options, port);
  const api = startService(scripts.api, environment);
  const workers = new Set<Service>();
  const startWorker = async (): Promise<void> => {
    const worker = startService(scripts.worker, environment);
    workers.add(worker);
    await worker.says('taking slices');
  };
  const stop = async (): Promise<void> => {
    await Promise.all([api, ...workers].map((service) => service.stop()));
    await removeKeys(options.redisUrl);
  };
  const origin = `http://127.0.0.1:${port}`;
  try {
    await Promise.all([
      untilReady(`${origin}/readyz`, [api]),
      ...Array.from({ length: options.workers }, startWorker),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    api: createApiClient(origin, options.signal),
    workerPids: () => [...workers].map(({ pid }) => pid),
    startWorker,
    async killWorker(pid) {
      const worker = [...workers].find((each) => each.pid === pid);
      if (worker === undefined) throw new Error(`no worker ${pid}`);
      workers.delete(worker);
      await worker.kill();
    },
    stop,
  };
};

const environmentOf = (options: FleetOptions, port: number): NodeJS.ProcessEnv => ({
  REDIS_URL: options.redisUrl,
  FETCHFLEET_KEY_PREFIX: keyPrefix,
  FETCHFLEET_PORT: String(port),
  FETCHFLEET_DATA_DIR: options.directory,
  FETCHFLEET_ALLOW_NETWORKS: '127.0.0.0/8',
  ...options.environment,
});

const removeKeys = async (redisUrl: string): Promise<void> => {
  const redis = connectRedis(redisUrl, 'store');
  try {
    for await (const keys of redis.scanStream({ match: `${keyPrefix}*`, count: 1000 })) {
      if ((keys as string[]).length > 0) await redis.unlink(...(keys as string[]));
    }
  } finally {
    await closeRedis(redis);
  }
};
