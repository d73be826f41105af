// Starts the target server: nginx, or the responder in a process of its own.
import { startChild } from './child.ts';
import { findDelayModule, startNginx } from './nginx.ts';
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
  const { delayMs, deadKeepAlive, document } = options;
  if (nginx === undefined || deadKeepAlive) return await startResponder(options);
  if (delayMs === 0) return await startNginx(nginx, directory, { document });
  const module = await findDelayModule(nginx);
  if (module === undefined) return await startResponder(options);
  return await startNginx(nginx, directory, { document, delay: { ms: delayMs, module } });
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
