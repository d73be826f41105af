// The target server as the benchmark sees it: an origin to fetch from, and how busy it was.
import { startChild } from './child.ts';
import { scriptPath } from './script.ts';
import type { ResponderOptions } from './responder.ts';

export type Target = {
  readonly origin: string;
  /** CPU seconds it has used so far. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
};

export const startTarget = async ({ delayMs, deadKeepAlive }: ResponderOptions): Promise<Target> => {
  const child = await startChild(scriptPath('bench/target-server'), [
    String(delayMs),
    deadKeepAlive ? 'dead' : 'alive',
  ]);
  return {
    origin: String(child.greeting),
    async cpuSeconds() {
      const { user, system } = (await child.ask('cpu', 10_000)) as NodeJS.CpuUsage;
      return (user + system) / 1e6;
    },
    stop: () => child.stop(),
  };
};
