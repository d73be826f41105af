// A scenario about a fleet: it is started before the story, and stopped and its keys removed after it, however it ended.
import { closeRedis, connectRedis } from '../shared/redis.ts';
import { startFleet, type Fleet } from './fleet.ts';
import { watchMachine } from './process-usage.ts';
import type { Bench, Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

export type FleetStage = { readonly bench: Bench; readonly fleet: Fleet };

export type FleetScenario = Pick<Scenario, 'name' | 'about' | 'briefCount'> & {
  readonly workers: number;
  /** Variables for API and workers. */
  readonly environment?: Readonly<Record<string, string>>;
};

export const fleetScenario = (
  options: FleetScenario,
  story: (stage: FleetStage) => Promise<Trial>,
): Scenario => ({
  ...options,
  run: async (bench) => {
    const { name, about, workers } = options;
    bench.progress(`${name}: starting an API and ${workers} workers`);
    return { scenario: name, about, ...(await onFleet(bench, options, story)) };
  },
});

/** Plays the story on a fleet of its own; the trial also tells how busy the machine was. */
export const onFleet = async (
  bench: Bench,
  { workers, environment = {} }: Pick<FleetScenario, 'workers' | 'environment'>,
  story: (stage: FleetStage) => Promise<Trial>,
): Promise<Trial> => {
  const { redisUrl, signal } = bench;
  const ours = { FETCHFLEET_KEY_PREFIX: keyPrefix, ...environment };
  const directory = await bench.newDirectory();
  await removeKeys(redisUrl);
  const fleet = await startFleet({ redisUrl, directory, workers, environment: ours, signal });
  try {
    const busyShare = watchMachine();
    const { bounds, figures } = await story({ bench, fleet });
    const busy = { name: 'cores of this machine busy', value: busyShare() * 100, unit: '%' };
    return { bounds, figures: [...figures, busy] };
  } finally {
    await fleet.stop();
    await removeKeys(redisUrl);
  }
};

/** The scenarios share a Redis, and none is to meet what another left there. */
const keyPrefix = 'bench-fleet';

const removeKeys = async (redisUrl: string): Promise<void> => {
  const redis = connectRedis(redisUrl, 'store');
  try {
    for await (const keys of redis.scanStream({ match: `${keyPrefix}*`, count: 1000 })) {
      if ((keys as string[]).length > 0) await redis.unlink(...(keys as string[]));
    }
  } finally {
    await closeRedis(redis);
  }
};
