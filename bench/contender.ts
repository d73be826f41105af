// What takes part in a race: something that fetches a load of URLs, and may be missing on this machine.

/** `count` URLs under `origin`, at most `concurrency` in flight, all within `timeoutMs`. */
export type Load = {
  readonly origin: string;
  readonly count: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  /** When the clock stops, for those that store results: at the last one stored, or at the last one read back. */
  readonly until: 'stored' | 'read';
};

/** What a contender may use. `directory` is its own, empty, and removed afterwards. */
export type Ground = {
  readonly redisUrl: string;
  readonly directory: string;
  readonly concurrency: number;
};

/** What one run took; CPU and memory only where the contender's processes are known. */
export type Run = {
  readonly durationMs: number;
  readonly cpuSeconds?: number;
  /** The most memory that one of its workers ever had, this run included. */
  readonly peakBytes?: number;
};

export type Running = {
  /** What it is made of, where that is not among the versions of the machine. */
  readonly version?: string;
  /**
   * Fetches the load once and resolves with what it took; rejects where a single URL was not answered with 200,
   * and soon after `signal` is aborted.
   */
  run(load: Load, signal: AbortSignal): Promise<Run>;
  stop(): Promise<void>;
};

export type Contender = {
  readonly name: string;
  /** One line for the reader of the table: what is and is not done. */
  readonly about: string;
  /** Starts its processes and leaves them warm for many runs; `missing` says what this machine lacks. */
  start(ground: Ground): Promise<Running | { readonly missing: string }>;
};

export const urlsOf = ({ origin, count }: Load): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${origin}/${index}`);
