// Starts the target server: nginx, or the responder in a process of its own.
import { startChild } from './child.ts';
import { startNginx } from './nginx.ts';
import { findPrograms } from './programs.ts';
import type { ResponderOptions } from './responder.ts';
import { scriptPath } from './script.ts';
import type { Target } from './target.ts';

/** nginx where it is on `searchPath` and can do what is asked, else the responder; `directory` is for its files. */
export const startTarget = async (
  options: ResponderOptions,
  { searchPath, directory }: { readonly searchPath: string; readonly directory: string },
): Promise<Target> => {
  const [nginx] = findPrograms('nginx', searchPath);
  const isPlain = options.delayMs === 0 && !options.deadKeepAlive;
  return nginx !== undefined && isPlain
    ? await startNginx(nginx, directory, options.document)
    : await startResponder(options);
};

const startResponder = async ({
  delayMs,
  deadKeepAlive,
  document = 'small',
}: ResponderOptions): Promise<Target> => {
  const keepAlive = deadKeepAlive ? 'dead' : 'alive';
  const child = await startChild(scriptPath('bench/target-server'), [String(delayMs), keepAlive, document]);
  return {
    name: 'responder in Node',
    origin: String(child.greeting),
    async cpuSeconds() {
      const { user, system } = (await child.ask('cpu', 10_000)) as NodeJS.CpuUsage;
      return (user + system) / 1e6;
    },
    stop: () => child.stop(),
  };
};
