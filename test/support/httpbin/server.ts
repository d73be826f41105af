// Debian's httpbin under gunicorn, on free loopback ports of two addresses, where this machine has them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterAll } from '@jest/globals';
import { waitFor } from '../wait-for.ts';

const gunicorn = '/usr/bin/gunicorn'; // that of the distribution: another Python may come first in PATH
const application = '/usr/lib/python3/dist-packages/httpbin';

/** Which Debian packages are not there; empty where it can be started. */
export const missingPackages: readonly string[] = [
  ...(existsSync(gunicorn) ? [] : ['gunicorn']),
  ...(existsSync(application) ? [] : ['python3-httpbin']),
];

/** The same application at two origins. */
export type Httpbin = { readonly origin: string; readonly elsewhere: string };

/** Started once it listens; ends with the test file. */
export const startHttpbin = async (): Promise<Httpbin> => {
  const binds = ['-b', '127.0.0.1:0', '-b', '127.0.0.2:0'];
  const child = spawn(gunicorn, [...binds, '--threads', '16', 'httpbin:app'], {
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  live.add(async () => {
    child.kill('SIGQUIT'); // at once, whatever it still answers
    await exited;
  });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => void said.push(text));
  const find = (): readonly string[] | undefined =>
    /Listening at: (http:\/\/127\.0\.0\.1:\d+),(http:\/\/127\.0\.0\.2:\d+)[^]*Booting worker/
      .exec(said.join(''))
      ?.slice(1);
  const [origin = '', elsewhere = ''] = await waitFor(find, { timeoutMs: 20_000 }).catch(() => {
    throw new Error(`gunicorn did not start:\n${said.join('')}`);
  });
  return { origin, elsewhere };
};

const live = new Set<() => Promise<void>>();
afterAll(() => Promise.all([...live].map((end) => end())));
