// Fetchfleet as it is deployed on several machines: one API and several workers, each a process that can be killed.
import { existsSync } from 'node:fs';
import { createApiClient, type ApiClient } from './api-client.ts';
import { scriptPath } from './script.ts';
import { freePort, startService, untilReady, type Service, type ServiceOptions } from './service.ts';

export type FleetOptions = {
  readonly redisUrl: string;
  /** For the bodies that are too large for Redis. */
  readonly directory: string;
  readonly workers: number;
  /** Variables of ours, beside or instead of those every fleet is given. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Arguments for Node.js itself, for the so-manyth process that is started. */
  readonly nodeArguments?: ((process: number) => readonly string[]) | undefined;
  /** Told every line that a process logs, as `ServiceOptions.onLine` is. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Aborts every call of `api`. */
  readonly signal: AbortSignal;
};

export type Fleet = {
  /** Where the API answers, the same after it was killed and started again. */
  readonly origin: string;
  readonly api: ApiClient;
  /** The process of the API. */
  apiPid(): number;
  /** The workers that live, the eldest first. */
  workers(): readonly Service[];
  /** Resolves when one more takes slices; rejects where it ended before. */
  startWorker(options?: WorkerOptions): Promise<Service>;
  /** Ends a worker as a crash does. */
  killWorker(pid: number): Promise<void>;
  /** Asks a worker to end, and resolves with its exit code. */
  stopWorker(pid: number): Promise<number | undefined>;
  /** Ends the API as a crash does. */
  killApi(): Promise<void>;
  /** Resolves when another API answers in its place; rejects, and leaves none, where it does not. */
  startApi(): Promise<void>;
  stop(): Promise<void>;
};

export type WorkerOptions = Pick<ServiceOptions, 'nodeArguments'> & Pick<FleetOptions, 'environment'>;

const scripts = { api: scriptPath('api/main'), worker: scriptPath('worker/main') };

/** Resolves when the API answers and all workers take slices. */
export const startFleet = async (options: FleetOptions): Promise<Fleet> => {
  if (!Object.values(scripts).every(existsSync)) throw new Error('the API and the worker are not built');
  const { onLine } = options;
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const environment = environmentOf(options, port);
  const running: { api: Service | undefined; readonly workers: Set<Service> } = {
    api: undefined,
    workers: new Set(),
  };
  const started = { processes: 0 };
  const start = (script: string, more: WorkerOptions = {}): Service => {
    const ours = options.nodeArguments?.(started.processes) ?? [];
    started.processes += 1;
    const nodeArguments = [...ours, ...(more.nodeArguments ?? [])];
    return startService(script, { ...environment, ...more.environment }, { onLine, nodeArguments });
  };
  const startApi = async (): Promise<void> => {
    const api = start(scripts.api);
    running.api = api;
    await untilReady(`${origin}/readyz`, [api]).catch(async (error: unknown) => {
      await api.kill();
      throw error;
    });
  };
  const startWorker = async (more: WorkerOptions = {}): Promise<Service> => {
    const worker = start(scripts.worker, more);
    running.workers.add(worker);
    await worker.says('taking slices').catch((error: unknown) => {
      running.workers.delete(worker);
      throw error;
    });
    return worker;
  };
  const leave = (pid: number): Service => {
    const worker = [...running.workers].find((each) => each.pid === pid);
    if (worker === undefined) throw new Error(`no worker ${pid}`);
    running.workers.delete(worker);
    return worker;
  };
  const stop = async (): Promise<void> => {
    const services = [...(running.api === undefined ? [] : [running.api]), ...running.workers];
    await Promise.all(services.map((service) => service.stop()));
  };
  try {
    await Promise.all([startApi(), ...Array.from({ length: options.workers }, () => startWorker())]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    origin,
    api: createApiClient(origin, options.signal),
    apiPid: () => running.api?.pid ?? 0,
    workers: () => [...running.workers],
    startWorker,
    killWorker: (pid) => leave(pid).kill(),
    stopWorker: (pid) => leave(pid).stop(),
    killApi: async () => running.api?.kill(),
    startApi,
    stop,
  };
};

const environmentOf = (options: FleetOptions, port: number): NodeJS.ProcessEnv => ({
  REDIS_URL: options.redisUrl,
  FETCHFLEET_PORT: String(port),
  FETCHFLEET_DATA_DIR: options.directory,
  FETCHFLEET_ALLOW_NETWORKS: '127.0.0.0/8',
  ...options.environment,
});
