// Processes of the build that are measured from outside: started with an environment of their own, stopped by SIGTERM.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';

export type Service = { hasEnded(): boolean; stop(): Promise<void> };

const killAfterMs = 30_000;

/** Runs a script with this environment and nothing of ours; what it writes goes to our standard error. */
export const startService = (script: string, environment: NodeJS.ProcessEnv): Service => {
  const child = spawn(process.execPath, [...process.execArgv, script], {
    env: environment,
    stdio: ['ignore', 2, 2],
  });
  const exited = once(child, 'exit');
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    hasEnded,
    async stop() {
      if (hasEnded()) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      await exited;
      clearTimeout(timer);
    },
  };
};

/** Resolves when `url` answers 200; rejects where a service ended first, or after 30 s. */
export const untilReady = async (url: string, services: readonly Service[]): Promise<void> => {
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

/** A loopback port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};
