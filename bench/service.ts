// Processes of the build that are measured from outside: started with an environment of their own, stopped by SIGTERM.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';

export type Service = {
  readonly pid: number;
  hasEnded(): boolean;
  /** Resolves when it has written `text` in a line of its output; rejects where it ends first. */
  says(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Asks it to end, and resolves with its exit code; undefined where it had to be killed. */
  stop(): Promise<number | undefined>;
  /** Ends it at once, as a crash does, and resolves when it is gone. */
  kill(): Promise<void>;
};

export type ServiceOptions = {
  /** Told every line of its log; by default what is no news goes to our standard error. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Arguments for Node.js itself, before the script. */
  readonly nodeArguments?: readonly string[] | undefined;
};

const killAfterMs = 30_000;

/** Runs a script with this environment and nothing of ours. */
export const startService = (
  script: string,
  environment: NodeJS.ProcessEnv,
  { onLine = writeComplaint, nodeArguments = [] }: ServiceOptions = {},
): Service => {
  const child = spawn(process.execPath, [...process.execArgv, ...nodeArguments, script], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const lines = createInterface(child.stdout);
  lines.on('line', onLine);
  return {
    pid: child.pid ?? 0,
    hasEnded,
    says: (text) => untilSaid(lines, text),
    signal: (name) => void child.kill(name),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      if (!hasEnded()) await exited;
      clearTimeout(timer);
      return child.exitCode ?? undefined;
    },
    async kill() {
      if (hasEnded()) return;
      child.kill('SIGKILL');
      await exited;
    },
  };
};

const writeComplaint = (line: string): void => void (isNews(line) || process.stderr.write(`${line}\n`));

/** A log line of level info (30, as pino counts). */
const isNews = (line: string): boolean => line.startsWith('{"level":30,');

const untilSaid = (lines: Interface, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    lines.on('line', (line) => void (line.includes(text) && resolve()));
    lines.once('close', () => reject(new Error(`a process ended before it said "${text}"`)));
  });

/** Resolves when `url` answers 200; rejects where a service ended first, or after 30 s. */
export const untilReady = async (
  url: string,
  services: readonly Pick<Service, 'hasEnded'>[],
): Promise<void> => {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    if (services.some((service) => service.hasEnded())) throw new Error('a process ended at its start');
    if (await isReady(url)) return;
    await sleep(50);
  }
  throw new Error(`${url} was not ready within 30 s`);
};

const isReady = (url: string): Promise<boolean> =>
  request(url, { headersTimeout: 2000 }).then(
    async ({ statusCode, body }) => {
      await body.dump();
      return statusCode === 200;
    },
    () => false,
  );

/**
 * A loopback port that was free a moment ago, and below those that outgoing connections get (32,768 and up on Linux), so that
 * none of them takes it while nobody listens there.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(10_000, 32_768);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
};
