// The queue as the model knows it: what BullMQ promises of jobs, and no more. The same happens to keys of its names in line.ts.

export type Job = {
  readonly id: string;
  readonly batchId: string;
  readonly slice: number;
  readonly generation: number;
  readonly tag: number;
  /** How often it was taken from a worker that fell silent. */
  stalls: number;
  /** The token of who holds it. */
  lock?: string | undefined;
  /** When it is held no more. */
  lockedUntil?: number | undefined;
};

export type Jobs = {
  readonly all: Map<string, Job>;
  /** Ids, newest first. */
  readonly active: string[];
  /** Ids; the last is taken first. */
  readonly wait: string[];
  /** Ids that stand in line by their tags. */
  readonly inLine: Set<string>;
  /** Ids that are to be looked at again: their locks may have run out by then. */
  readonly stalled: Set<string>;
};

export const createJobs = (): Jobs => ({
  all: new Map(),
  active: [],
  wait: [],
  inLine: new Set(),
  stalled: new Set(),
});

/** Which job is taken next. */
export const nextJob = ({ all, wait, inLine }: Jobs): Job | undefined => {
  const waiting = wait.at(-1);
  if (waiting !== undefined) return all.get(waiting);
  const line = [...inLine].flatMap((id) => all.get(id) ?? []);
  return line.toSorted((a, b) => a.tag - b.tag || (a.id < b.id ? -1 : 1))[0];
};

export const take = (list: string[], id: string): void => {
  const at = list.indexOf(id);
  if (at >= 0) list.splice(at, 1);
};

/** Locks run out. */
export const unlock = ({ all }: Jobs, now: number): void => {
  for (const job of all.values()) if ((job.lockedUntil ?? Infinity) <= now) letGo(job);
};

export const letGo = (job: Job): void => {
  job.lock = undefined;
  job.lockedUntil = undefined;
};

/** A job whose worker fell silent is taken next. */
export const putBack = (jobs: Jobs, job: Job, isExcused: boolean): void => {
  letGo(job);
  if (!isExcused) job.stalls += 1;
  take(jobs.active, job.id);
  jobs.wait.push(job.id);
};
