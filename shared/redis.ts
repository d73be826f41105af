// Connections to Redis: how each role waits or fails, and what a server must be to be ours. Knows no keys.
import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import { ConfigError } from './config.ts';

export type { Redis } from 'ioredis';

/**
 * How a connection behaves while Redis is away:
 * `api` fails at once (no waiting in line, a command may take 2 s);
 * `store` waits for it (a command may take 5 s, waiting included);
 * `disk` fails at once as well, sends nothing again, and a command may take 3 s: it waits for what was written before;
 * `queue` waits for ever: BullMQ's blocking reads, and subscribers.
 */
export type RedisRole = 'api' | 'store' | 'disk' | 'queue';

/** Begins to connect and returns at once; reconnects by itself until closed. Errors go to `onError`, never thrown. */
export const connectRedis = (
  url: string,
  role: RedisRole,
  onError: (error: Error) => void = () => {},
): Redis => {
  const redis = new Redis({ ...addressOf(url), ...roles[role], reconnectOnError: createOnReadonly() });
  redis.on('error', onError);
  return redis;
};

/**
 * Resolves when commands can be sent; rejects with the last connection error after `timeoutMs`, if that is given. The
 * connection goes on trying.
 */
export const untilReady = (redis: Redis, timeoutMs?: number): Promise<void> => {
  if (redis.status === 'ready') return Promise.resolve();
  const { promise, resolve, reject } = deferred();
  const seen: { error?: Error } = {};
  const onError = (error: Error): void => {
    seen.error = error;
  };
  const onEnd = (): void => reject(new Error('the connection to Redis was closed'));
  const giveUp = (): void => {
    const why = seen.error === undefined ? '' : `: ${seen.error.message}`;
    reject(new Error(`Redis was not ready within ${timeoutMs} ms${why}`, { cause: seen.error }));
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
  redis.on('error', onError).once('ready', resolve).once('end', onEnd);
  return promise.finally(() => {
    clearTimeout(timer);
    redis.off('error', onError).off('ready', resolve).off('end', onEnd);
  });
};

/** Closes after the answers under way, or at once where Redis is away. Never throws. */
export const closeRedis = async (redis: Redis): Promise<void> => {
  if (redis.status === 'ready') await redis.quit().catch(() => {});
  redis.disconnect();
};

/** True for what the server itself said no to; false where it could not be asked. */
export const isRefusal = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError';

/** What a server told about itself; undefined where it keeps that to itself, as managed ones may. */
export type RedisFacts = {
  readonly version?: string | undefined;
  /** True where every write goes to an append-only file. */
  readonly isAppendOnly?: boolean | undefined;
};

/** Throws ConfigError, saying what to mend, where the server is too old or would evict what it was given to keep. */
export const checkRedis = async (redis: Redis): Promise<RedisFacts> => {
  const report = await redis.info().catch((error: Error) => {
    if (isRefusal(error)) return '';
    throw error;
  });
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(report)?.[1];
  const version = field('redis_version');
  const policy = field('maxmemory_policy');
  const problems = [...versionProblems(version), ...policyProblems(policy)];
  if (problems.length > 0) throw new ConfigError(problems);
  const appendOnly = field('aof_enabled');
  return { version, isAppendOnly: appendOnly === undefined ? undefined : appendOnly === '1' };
};

const versionProblems = (version: string | undefined): readonly string[] =>
  version === undefined || Number.parseInt(version, 10) >= 7
    ? []
    : [`REDIS_URL names a Redis ${version}: Fetchfleet needs 7.0 or later, or any Valkey`];

const policyProblems = (policy: string | undefined): readonly string[] =>
  policy === undefined || policy === 'noeviction'
    ? []
    : [
        `REDIS_URL names a Redis whose maxmemory-policy is ${policy}, which drops results when memory is short: set it to noeviction`,
      ];

type Address = Pick<RedisOptions, 'host' | 'port' | 'path' | 'username' | 'password' | 'db' | 'tls'>;

const addressOf = (text: string): Address => {
  const url = new URL(text);
  if (url.protocol === 'unix:') {
    const db = Number(url.searchParams.get('db') ?? 0);
    return { path: decodeURIComponent(url.pathname), db };
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, '') || 'localhost',
    port: Number(url.port || 6379),
    db: Number(url.pathname.slice(1) || 0),
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' && { tls: {} }),
  };
};

// Jitter, so that a fleet does not knock all at once on a Redis that has just come back.
const retryWithin =
  (capMs: number) =>
  (times: number): number =>
    Math.min(50 * 2 ** (times - 1), capMs) + Math.random() * 100;

const disconnectTimeoutMs = 250;

// A demoted primary says READONLY, and the next connection may find its successor. It may say so to hundreds of commands at
// once: ioredis would close the same socket for each of them, and listen to it as often.
const createOnReadonly = (): ((error: Error) => boolean) => {
  const last = { reconnectedAt: -Infinity };
  return (error) => {
    const now = performance.now();
    if (!error.message.startsWith('READONLY') || now - last.reconnectedAt < disconnectTimeoutMs) return false;
    last.reconnectedAt = now;
    return true;
  };
};

// Unanswered commands must be sent again: switched off, their promises hang (redis/ioredis#2193).
const common = {
  connectTimeout: 5000,
  // A connection that is closed while Redis is away keeps the process up for so long.
  disconnectTimeout: disconnectTimeoutMs,
  keepAlive: 10_000,
  autoResendUnfulfilledCommands: true,
} satisfies RedisOptions;

const waiting = {
  ...common,
  maxRetriesPerRequest: null,
  enableOfflineQueue: true,
  retryStrategy: retryWithin(2000),
} satisfies RedisOptions;

const failing = {
  ...common,
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false,
  commandTimeout: 2000,
  socketTimeout: 10_000,
  retryStrategy: retryWithin(1000),
} satisfies RedisOptions;

const roles = {
  api: failing,
  disk: { ...failing, maxRetriesPerRequest: 0, commandTimeout: 3000 },
  store: { ...waiting, commandTimeout: 5000, socketTimeout: 30_000 },
  // No command timeout: it would cut BullMQ's blocking reads.
  queue: waiting,
} satisfies Record<RedisRole, RedisOptions>;

const deferred = (): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } => {
  const handles: { resolve: () => void; reject: (error: Error) => void } = {
    resolve: () => {},
    reject: () => {},
  };
  const promise = new Promise<void>((resolve, reject) => {
    handles.resolve = resolve;
    handles.reject = reject;
  });
  return { promise, ...handles };
};
