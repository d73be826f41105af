// What a scenario plays on: a Redis that can be broken, a fleet on it, and a target that logs every hit.
import { startCountingTarget, type CountingTarget } from '../bench/counting-target.ts';
import { startFleet, type Fleet } from '../bench/fleet.ts';
import type { Trial } from '../bench/trial.ts';
import { startBreakableRedis, type BreakableRedis } from './breakable-redis.ts';
import type { LinesByProcess } from './noise.ts';
import type { Chaos, ChaosScenario } from './scenario.ts';

export type Stage = {
  readonly chaos: Chaos;
  readonly redis: BreakableRedis;
  readonly fleet: Fleet;
  /** The data directory of the fleet. */
  readonly directory: string;
  readonly target: CountingTarget;
  /** What the processes have logged so far, warnings and worse (40 and up, as pino counts). */
  readonly complaints: readonly string[];
  /** How many lines each of them has logged so far. */
  readonly lines: LinesByProcess;
};

export type StageOptions = {
  readonly name: string;
  readonly about: string;
  readonly workers: number;
  /** Variables for API and workers. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Arguments for Node.js itself, for the so-manyth process that is started. */
  readonly nodeArguments?: (chaos: Chaos, process: number) => readonly string[];
};

/** A scenario for which all of it is started before the story, and stopped after it, however it ended. */
export const staged = (options: StageOptions, story: (stage: Stage) => Promise<Trial>): ChaosScenario => ({
  name: options.name,
  about: options.about,
  run: (chaos) => playOn(chaos, options, story),
});

const playOn = async (
  chaos: Chaos,
  { workers, environment = {}, nodeArguments }: StageOptions,
  story: (stage: Stage) => Promise<Trial>,
): Promise<Trial> => {
  const complaints: string[] = [];
  const lines = new Map<number, number>();
  const hear = (line: string): void => {
    if (isComplaint(line)) complaints.push(line);
    const pid = Number(/"pid":(\d+)/.exec(line)?.[1]);
    lines.set(pid, (lines.get(pid) ?? 0) + 1);
  };
  const redis = await startBreakableRedis(chaos.redisServer, await chaos.newDirectory());
  try {
    const target = await startCountingTarget();
    const directory = await chaos.newDirectory();
    try {
      const fleet = await startFleet({
        redisUrl: redis.url,
        directory,
        workers,
        environment,
        nodeArguments: nodeArguments && ((process) => nodeArguments(chaos, process)),
        onLine: hear,
        signal: chaos.signal,
      });
      try {
        return await story({ chaos, redis, fleet, directory, target, complaints, lines });
      } catch (error) {
        for (const line of complaints.slice(-shownComplaints)) chaos.progress(line);
        throw error;
      } finally {
        await fleet.stop();
      }
    } finally {
      await target.stop();
    }
  } finally {
    await redis.stop();
  }
};

const shownComplaints = 20;

const isComplaint = (line: string): boolean => /^\{"level":[456]0,/.test(line);
