// What everything is fetched from, as the benchmark sees it.

export type Target = {
  readonly name: string;
  readonly origin: string;
  /** CPU seconds it has used so far. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
};
