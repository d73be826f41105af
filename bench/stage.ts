// What a scenario with several workers plays on: a fleet, and a target that counts what it really sees.
import { closeRedis, connectRedis } from '../shared/redis.ts';
import { startCountingTarget, type CountingTarget } from './counting-target.ts';
import { startFleet, type Fleet } from './fleet.ts';
import { watchMachine } from './process-usage.ts';
import type { Bench, Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

export type Stage = {
  readonly bench: Bench;
  readonly fleet: Fleet;
  readonly target: CountingTarget;
};

export type StageOptions = {
  readonly name: string;
  readonly about: string;
  readonly workers: number;
  /** Variables for API and workers. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** A scenario for which both are started before the story, and stopped after it, however it ended. */
export const staged = (options: StageOptions, story: (stage: Stage) => Promise<Trial>): Scenario => {
  const { name, about } = options;
  return {
    name,
    about,
    run: async (bench) => ({ scenario: name, about, ...(await playOn(bench, options, story)) }),
  };
};

const playOn = async (
  bench: Bench,
  { name, workers, environment = {} }: StageOptions,
  story: (stage: Stage) => Promise<Trial>,
): Promise<Trial> => {
  const { redisUrl, signal } = bench;
  const ours = { FETCHFLEET_KEY_PREFIX: keyPrefix, ...environment };
  bench.progress(`${name}: starting ${workers} workers and a counting target`);
  const directory = await bench.newDirectory();
  const target = await startCountingTarget();
  try {
    await removeKeys(redisUrl);
    const fleet = await startFleet({ redisUrl, directory, workers, environment: ours, signal });
    try {
      const busyShare = watchMachine();
      const { bounds, figures } = await story({ bench, fleet, target });
      const busy = { name: 'cores of this machine busy', value: busyShare() * 100, unit: '%' };
      return { bounds, figures: [...figures, busy] };
    } finally {
      await fleet.stop();
      await removeKeys(redisUrl);
    }
  } finally {
    await target.stop();
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

/** `count` URLs of these hosts of the target, in turn. */
export const urlsAt = (
  target: CountingTarget,
  hosts: readonly string[],
  count: number,
): readonly string[] => {
  const origins = hosts.map((host) => target.origin(host));
  return Array.from({ length: count }, (_, index) => `${origins[index % origins.length]}/${index}`);
};
