// A contender that only fetches: a loop in a process of its own, so that none shares a heap with another.
import { startChild } from './child.ts';
import type { Contender, Run } from './contender.ts';
import { scriptPath } from './script.ts';

/** `name` is one of the loops that loop-host.ts knows. */
export const bareLoop = (name: string, about: string): Contender => ({
  name,
  about,
  async start() {
    const child = await startChild(scriptPath('bench/loop-host'), [name]);
    return {
      run: async (load) => (await child.ask(load, load.timeoutMs)) as Run,
      stop: () => child.stop(),
    };
  },
});
