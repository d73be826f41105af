// What a scenario with several workers plays on: a fleet, and a target that counts what it really sees.
import { startCountingTarget, type CountingTarget } from './counting-target.ts';
import { startFleet, type Fleet } from './fleet.ts';
import type { Bench } from './scenario.ts';

export type Stage = {
  readonly bench: Bench;
  readonly fleet: Fleet;
  readonly target: CountingTarget;
};

export type StageOptions = {
  readonly workers: number;
  /** Variables for API and workers. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** Starts both, runs the story, and stops both, however it ended. */
export const onStage = async <T>(
  bench: Bench,
  options: StageOptions,
  story: (stage: Stage) => Promise<T>,
): Promise<T> => {
  bench.progress(`starting ${options.workers} workers and a counting target`);
  const { redisUrl, signal } = bench;
  const directory = await bench.newDirectory();
  const target = await startCountingTarget();
  try {
    const fleet = await startFleet({ ...options, redisUrl, directory, signal });
    try {
      return await story({ bench, fleet, target });
    } finally {
      await fleet.stop();
    }
  } finally {
    await target.stop();
  }
};

/** `count` URLs of the target's host `host`. */
export const urlsAt = (target: CountingTarget, host: string, count: number): readonly string[] => {
  const origin = target.origin(host);
  return Array.from({ length: count }, (_, index) => `${origin}/${index}`);
};
