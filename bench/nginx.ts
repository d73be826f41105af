// nginx as the target, where this machine has it: cheaper than anything written in Node.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cpuSecondsOf } from './process-usage.ts';
import { responseBody } from './responder.ts';
import { freePort, untilReady } from './service.ts';
import type { Target } from './target.ts';

/** The nginx program in one of the folders of `searchPath` (as in PATH). */
export const findNginx = (searchPath: string): string | undefined =>
  searchPath
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'nginx'))
    .find(isExecutable);

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Runs nginx as one process on a loopback port; its files are in `directory`. */
export const startNginx = async (program: string, directory: string): Promise<Target> => {
  const port = await freePort();
  const config = path.join(directory, 'nginx.conf');
  await writeFile(config, configuration(directory, port));
  const child = spawn(program, ['-p', directory, '-c', config], { stdio: ['ignore', 2, 2] });
  const exited = once(child, 'exit');
  const origin = `http://127.0.0.1:${port}`;
  await untilReady(origin, [{ hasEnded: () => child.exitCode !== null || child.signalCode !== null }]);
  return {
    name: 'nginx',
    origin,
    cpuSeconds: async () => cpuSecondsOf(child.pid ?? 0),
    async stop() {
      child.kill();
      await exited;
    },
  };
};

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

const configuration = (directory: string, port: number): string => `
daemon off; master_process off; pid ${directory}/pid; error_log stderr crit;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 100000000; tcp_nodelay on;
  ${temporary.map((name) => `${name}_temp_path ${directory}/${name};`).join(' ')}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { default_type application/json; return 200 '${responseBody}'; }
  }
}`;
