// A scenario: one question the benchmark answers, and the shape of every answer.
import type { ResponderOptions } from './responder.ts';
import type { Target } from './target.ts';
import type { Bound, TrialReport } from './trial.ts';

/** One contender's runs; all lists have one entry a round. */
export type Row = {
  readonly name: string;
  readonly about: string;
  /** URLs per run: those that would take too long get fewer than the others. */
  readonly count: number;
  readonly durationsMs: readonly number[];
  /** Share of one core that the target used meanwhile, 0 to 1. */
  readonly targetLoad: readonly number[];
  /** CPU seconds of the contender itself; empty where it does not count them. */
  readonly cpuSeconds: readonly number[];
  /** The most memory that one of its workers had; left out where it has none, or nobody knows. */
  readonly peakBytes?: number;
};

/** What a race came to. */
export type Report = {
  readonly scenario: string;
  readonly about: string;
  /** The server that everything was fetched from. */
  readonly target: string;
  /** URLs per run, of those that did not get fewer. */
  readonly count: number;
  /** The row that all others are compared with. */
  readonly subject: string;
  readonly rows: readonly Row[];
  /** Who could not take part, and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly notes: readonly string[];
  /** What the subject must come to beside the others. */
  readonly bounds: readonly Bound[];
};

/** What a scenario is run with. `rounds` and `count` override its own. */
export type Bench = {
  readonly redisUrl: string;
  /** Makes an empty directory that goes with the benchmark. */
  newDirectory(): Promise<string>;
  readonly rounds: number | undefined;
  readonly count: number | undefined;
  /** The only ones that take part in races, by name; undefined means all. */
  readonly contenders: readonly string[] | undefined;
  startTarget(options: ResponderOptions): Promise<Target>;
  /** Aborted when the person has had enough. */
  readonly signal: AbortSignal;
  /** Tells the person who waits what is going on. */
  progress(text: string): void;
};

export type Scenario = {
  readonly name: string;
  readonly about: string;
  /** URLs where it is one of many that are run and nobody said how many: its own count would take too long there. */
  readonly briefCount?: number;
  run(bench: Bench): Promise<Report | TrialReport>;
};
