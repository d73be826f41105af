// nginx as the target, where this machine has it: cheaper than anything written in Node.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cpuSecondsOf } from './process-usage.ts';
import { documentOf, smallBody, type DocumentName } from './document.ts';
import { freePort, untilReady } from './service.ts';
import type { Target } from './target.ts';

export type NginxOptions = {
  /** `small` by default. */
  readonly document?: DocumentName | undefined;
  /** Takes so long for each answer; needs `module`. */
  readonly delay?: { readonly ms: number; readonly module: string } | undefined;
};

/** The file of the module that lets nginx wait before it answers (Debian's libnginx-mod-http-echo); undefined where there is none. */
export const findDelayModule = async (program: string): Promise<string | undefined> => {
  const { stderr } = await promisify(execFile)(program, ['-V']);
  const folder = /--modules-path=(\S+)/.exec(stderr)?.[1];
  if (folder === undefined) return undefined;
  const file = path.join(folder, 'ngx_http_echo_module.so');
  return existsSync(file) ? file : undefined;
};

/** Runs nginx as one process on a loopback port, answering with that document; its files are in `directory`. */
export const startNginx = async (
  program: string,
  directory: string,
  { document = 'small', delay }: NginxOptions = {},
): Promise<Target> => {
  const port = await freePort();
  const config = path.join(directory, 'nginx.conf');
  const answer = document === 'small' ? answerSmall : await writeDocument(directory, document);
  await writeFile(config, configuration(directory, port, { answer, delay }));
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

// Without a file to open: the cheapest there is.
const answerSmall = `default_type application/json; return 200 '${smallBody}';`;

const writeDocument = async (directory: string, name: DocumentName): Promise<string> => {
  const { type, coding, bytes } = documentOf(name);
  await writeFile(path.join(directory, 'document'), bytes);
  const encoding = coding === undefined ? '' : ` add_header content-encoding ${coding};`;
  return `default_type ${type}; root ${directory};${encoding} try_files /document =404;`;
};

type Served = { readonly answer: string; readonly delay: NginxOptions['delay'] };

const configuration = (directory: string, port: number, { answer, delay }: Served): string => `
${delay === undefined ? '' : `load_module ${delay.module};`}
daemon off; master_process off; pid ${directory}/pid; error_log stderr crit;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 100000000; tcp_nodelay on; sendfile on;
  open_file_cache max=8;
  ${temporary.map((name) => `${name}_temp_path ${directory}/${name};`).join(' ')}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location @answer { ${answer} }
    location / { ${delay === undefined ? answer : `echo_sleep ${delay.ms / 1000}; echo_exec @answer;`} }
  }
}`;
