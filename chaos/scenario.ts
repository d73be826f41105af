// A scenario of the chaos run: one kind of trouble, and the shape of its verdict.
import type { Trial } from '../bench/trial.ts';
import type { RedisServer } from '../shared/redis-server.ts';
import type { Random } from './random.ts';

/** What a scenario is run with. */
export type Chaos = {
  /** Every choice of the scenario comes from here: the same seed, the same schedule. */
  readonly random: Random;
  /** URLs, instead of the scenario's own number. */
  readonly count: number | undefined;
  /** How often the trouble comes, instead of the scenario's own number. */
  readonly times: number | undefined;
  /** How long a trouble that lasts goes on, instead of the scenario's own time. */
  readonly seconds: number | undefined;
  readonly redisServer: RedisServer;
  /** Makes an empty directory that goes with the run. */
  newDirectory(): Promise<string>;
  /** Aborted when the person has had enough. */
  readonly signal: AbortSignal;
  /** Tells the person who waits what is going on. */
  progress(text: string): void;
};

export type ChaosScenario = {
  readonly name: string;
  readonly about: string;
  run(chaos: Chaos): Promise<Trial>;
};
