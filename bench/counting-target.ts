// The counting target as the benchmark sees it: hosts by name, told how to behave, asked what they saw.
import type { Behaviour } from './behaviour.ts';
import { startChild } from './child.ts';
import type { Progress } from './counting-server.ts';
import { scriptPath } from './script.ts';
import { toSightings, type SightingColumns } from './sighting-log.ts';
import type { Sighting } from './sighting.ts';

export type CountingQuestion =
  | { readonly for: 'behave'; readonly behaviour: Behaviour; readonly host: string | undefined }
  | { readonly for: 'progress' }
  | { readonly for: 'sightings' }
  | { readonly for: 'cpu' };

export type CountingTarget = {
  /** `http://a.localhost:8081` for `a`. Any label will do; "localhost" and all below it is loopback (RFC 6761). */
  origin(host: string): string;
  /** From now on this host, or every one that was not told otherwise, answers like this. */
  behave(behaviour: Behaviour, host?: string): Promise<void>;
  progress(): Promise<Progress>;
  /** All requests so far, in the order of arrival. */
  sightings(): Promise<readonly Sighting[]>;
  /** CPU seconds it has used so far. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
};

export const startCountingTarget = async (): Promise<CountingTarget> => {
  const child = await startChild(scriptPath('bench/counting-target-server'), []);
  const port = String(child.greeting);
  const ask = (question: CountingQuestion): Promise<unknown> => child.ask(question, 30_000);
  return {
    origin: (host) => `http://${host}.localhost:${port}`,
    behave: async (behaviour, host) => void (await ask({ for: 'behave', behaviour, host })),
    progress: async () => (await ask({ for: 'progress' })) as Progress,
    sightings: async () => toSightings((await ask({ for: 'sightings' })) as SightingColumns),
    async cpuSeconds() {
      const { user, system } = (await ask({ for: 'cpu' })) as NodeJS.CpuUsage;
      return (user + system) / 1e6;
    },
    stop: () => child.stop(),
  };
};
