// All of `npm start` but its arguments: Redis, then API and workers, then a greeting; and all of it ended in order.
import type { Config, readHost } from '../shared/config.ts';
import { environmentWith } from '../shared/config.ts';
import type { Logger } from '../shared/logger.ts';
import type { PrivateRedis } from '../shared/private-redis.ts';
import { startPrivateRedis, stopWithinMs } from '../shared/private-redis.ts';
import { overrunMs, shutDownOnSignal } from '../shared/shutdown.ts';
import { exitCodes } from '../shared/start-error.ts';
import type { Backoff } from './child.ts';
import { greeting, originOf } from './greeting.ts';
import { tryPort } from './port.ts';
import { untilReady } from './readiness.ts';
import type { Supervisor } from './supervisor.ts';
import { superviseFleet } from './supervisor.ts';

export type FleetOptions = {
  readonly config: Config;
  readonly host: ReturnType<typeof readHost>;
  /** What to run with this Node. */
  readonly scripts: { readonly api: readonly string[]; readonly worker: readonly string[] };
  readonly logger: Logger;
  readonly exit: (code: number) => void;
  readonly print: (text: string) => void;
  readonly backoff?: Backoff | undefined;
};

/** Starts everything and returns; from then on signals end it. Throws where it cannot start. */
export const runFleet = async (options: FleetOptions): Promise<void> => {
  const { config, logger } = options;
  await tryPort(config.api.host, config.api.port);
  const redis = config.redisUrl === undefined ? await startRedis(options) : undefined;
  const url = redis?.url ?? config.redisUrl ?? '';
  const ended = new AbortController();
  const greeted = new Set<number>();
  const supervisor = superviseFleet(
    {
      ...childSpecs(options, url),
      onListening: (port) => {
        if (!greeted.has(port)) void greet(options, { port, redis, signal: ended.signal });
        greeted.add(port);
      },
      onMisconfigured: () => shutDown('a child cannot run as configured', exitCodes.failed),
    },
    { logger, backoff: options.backoff },
  );
  const shutDown = shutDownOnSignal({
    logger,
    ...stopInOrder({ supervisor, redis, ended, graceMs: config.graceMs }),
    exit: options.exit,
  });
};

const startRedis = async ({ config, host, logger }: FleetOptions): Promise<PrivateRedis> => {
  const redis = await startPrivateRedis({
    dataDir: config.dataDir,
    search: { ...host, onFetch: () => logger.info('no Redis server on PATH: fetching one, this once') },
    lingerSeconds: Math.ceil((config.graceMs + overrunMs) / 1000),
    onRestart: (lastWords) => logger.error({ lastWords }, 'the private Redis ended; it is started again'),
  });
  logger.info({ redis: redis.description }, 'the private Redis is ready');
  return redis;
};

const childSpecs = (
  { config, scripts }: FleetOptions,
  redisUrl: string,
): Pick<Parameters<typeof superviseFleet>[0], 'api' | 'workers'> => {
  const env = environmentWith({ REDIS_URL: redisUrl });
  return {
    api: { name: 'api', script: scripts.api, env },
    workers: Array.from({ length: config.workers }, (_, index) => ({
      name: `worker ${index + 1}`,
      script: scripts.worker,
      env,
    })),
  };
};

type Greeting = {
  readonly port: number;
  readonly redis: PrivateRedis | undefined;
  readonly signal: AbortSignal;
};

const greet = async (options: FleetOptions, { port, redis, signal }: Greeting): Promise<void> => {
  const { config, print, logger } = options;
  const origin = originOf(config.api.host, port);
  try {
    await untilReady(origin, signal);
    print(
      greeting({
        origin,
        workers: config.workers,
        redis: redis?.description ?? 'the Redis of REDIS_URL',
        needsKey: config.api.keys.length > 0,
      }),
    );
  } catch (error) {
    if (!signal.aborted) logger.error({ err: error }, 'cannot tell whether the API is ready');
  }
};

type Running = {
  readonly supervisor: Supervisor;
  readonly redis: PrivateRedis | undefined;
  readonly ended: AbortController;
  readonly graceMs: number;
};

// The API first, so that nothing new comes in; Redis last, because the workers hand their work back to it.
const stopInOrder = ({
  supervisor,
  redis,
  ended,
  graceMs,
}: Running): Pick<Parameters<typeof shutDownOnSignal>[0], 'steps' | 'graceMs' | 'onForced'> => {
  // A child ends itself within its grace period and the overrun; SIGKILL is for one that cannot.
  const childMs = graceMs + overrunMs + 2000;
  return {
    graceMs: 2 * childMs + stopWithinMs,
    steps: [
      { name: 'greeting', stop: async () => ended.abort() },
      { name: 'api', stop: () => supervisor.stopApi(childMs) },
      { name: 'workers', stop: () => supervisor.stopWorkers(childMs) },
      { name: 'redis', stop: async () => redis?.stop() },
    ],
    onForced: () => {
      supervisor.kill();
      redis?.kill();
    },
  };
};
