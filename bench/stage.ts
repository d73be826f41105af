// What a scenario with several workers plays on: a fleet, and a target that counts what it really sees.
import { startCountingTarget, type CountingTarget } from './counting-target.ts';
import { onFleet, type FleetScenario, type FleetStage } from './fleet-scenario.ts';
import type { Bench, Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

export type Stage = FleetStage & { readonly target: CountingTarget };

/** A scenario for which both are started before the story, and stopped after it, however it ended. */
export const staged = (options: FleetScenario, story: (stage: Stage) => Promise<Trial>): Scenario => {
  const { name, about } = options;
  return {
    name,
    about,
    run: async (bench) => ({ scenario: name, about, ...(await playOn(bench, options, story)) }),
  };
};

const playOn = async (
  bench: Bench,
  options: FleetScenario,
  story: (stage: Stage) => Promise<Trial>,
): Promise<Trial> => {
  bench.progress(`${options.name}: starting ${options.workers} workers and a counting target`);
  const target = await startCountingTarget();
  try {
    return await onFleet(bench, options, (stage) => story({ ...stage, target }));
  } finally {
    await target.stop();
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
