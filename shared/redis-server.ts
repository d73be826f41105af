// Finds a Redis server program on this machine, or fetches one. Does not run it.
import { execFile } from 'node:child_process';
import { access, constants, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { openCacheFolder } from './cache-folder.ts';
import { debianRedis, fetchDebianRedis } from './debian-redis.ts';
import { StartError } from './start-error.ts';

const run = promisify(execFile);

/** A program to run; `description` is its name, version and path for people. */
export type RedisServer = {
  readonly command: string;
  /** For LD_LIBRARY_PATH, where it brings its own libraries. */
  readonly librariesPath?: string | undefined;
  readonly description: string;
};

/** `searchPath` and `cacheHome` as in PATH and XDG_CACHE_HOME. */
export type ServerSearch = {
  readonly searchPath: string;
  readonly cacheHome?: string | undefined;
  /** Told before a download, which takes some seconds. */
  readonly onFetch?: (() => void) | undefined;
};

/** From PATH, else from our cache, else from Debian's packages; throws StartError with the ways out. */
export const findRedisServer = async (search: ServerSearch): Promise<RedisServer> => {
  const installed = await findInstalled(search.searchPath);
  if (installed !== undefined) return installed;
  const folder = path.join(await openCacheFolder(search.cacheHome), await cacheName());
  const cached = await describe(await debianRedis(folder));
  if (cached !== undefined) return cached;
  search.onFetch?.();
  await discard(folder);
  const reason = await fetchDebianRedis(folder).then(() => 'it does not run here', reasonOf);
  const fetched = await describe(await debianRedis(folder));
  if (fetched !== undefined) return fetched;
  throw new StartError(waysOut(reason));
};

const findInstalled = async (searchPath: string): Promise<RedisServer | undefined> => {
  for (const name of ['valkey-server', 'redis-server']) {
    for (const folder of searchPath.split(path.delimiter).filter((entry) => path.isAbsolute(entry))) {
      const command = path.join(folder, name);
      const server = (await isExecutable(command)) ? await describe({ command }) : undefined;
      if (server !== undefined) return server;
    }
  }
  return undefined;
};

const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Undefined where it does not run, or is older than 7.0. */
const describe = async (server: {
  command: string;
  librariesPath?: string;
}): Promise<RedisServer | undefined> => {
  try {
    const { stdout } = await run(server.command, ['--version'], { env: serverEnvironment(server) });
    const [, name = '', version = ''] = /^(\w+) server v=(\S+)/.exec(stdout) ?? [];
    if (!(Number.parseInt(version, 10) >= 7)) return undefined;
    return { ...server, description: `${name} ${version} (${server.command})` };
  } catch {
    return undefined;
  }
};

/** All that a Redis server needs of an environment. */
export const serverEnvironment = (server: {
  readonly librariesPath?: string | undefined;
}): NodeJS.ProcessEnv =>
  server.librariesPath === undefined ? {} : { LD_LIBRARY_PATH: server.librariesPath };

// A home folder may be shared by machines that cannot run one another's programs.
const cacheName = async (): Promise<string> => {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (name: string): string =>
    new RegExp(`^${name}="?([\\w.-]+)`, 'm').exec(release)?.[1] ?? 'unknown';
  return `redis-${field('ID')}-${field('VERSION_ID')}-${process.arch}`;
};

// Moved away first: two processes that both find it broken must not delete each other's new one.
const discard = async (folder: string): Promise<void> => {
  const away = `${folder}.broken-${process.pid}`;
  await rename(folder, away).catch(() => {});
  await rm(away, { recursive: true, force: true });
};

const reasonOf = (error: Error & { stderr?: string; code?: unknown }): string => {
  if (error.code === 'ENOENT') return 'this machine has no apt-get';
  const complaint = (error.stderr ?? '').split('\n').find((line) => line.startsWith('E: '));
  return complaint?.slice('E: '.length) ?? error.message;
};

const waysOut = (reason: string): string =>
  `Fetchfleet needs a Redis server of 7.0 or later; none is on PATH, and none could be fetched (${reason}). Do one of these:
  install redis-server or valkey-server
  run \`docker compose up\` instead
  set REDIS_URL to a Redis that you have`;
