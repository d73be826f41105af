// Jobs from a queue, taken one by one when there is room for them, each held by a lock until it is let go.
// Consumes BullMQ: https://docs.bullmq.io/patterns/manually-fetching-jobs
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ErrorCode, Job, type ConnectionOptions } from 'bullmq';
import type { JobLocks } from '../shared/job-locks.ts';
import type { Logger } from '../shared/logger.ts';
import { lockOf } from '../shared/queue.ts';
import { createDuty, type Duty } from './duty.ts';
import { createNewerWork, leaveForMs } from './newer-work.ts';
import { QueueWorker } from './queue-worker.ts';

/** A job this worker holds; one of the ways to let go ends it. */
export type HeldJob<T> = {
  /** On the queue. */
  readonly id: string;
  readonly job: T;
  /** How often a worker lost it before. */
  readonly stalls: number;
  /** Aborted when the lock was lost: another worker may have the job, so nothing of it may be recorded. */
  readonly lost: AbortSignal;
  done(): Promise<void>;
  /** It comes again at that time, epoch ms, or after so long. */
  later(at: number): Promise<void>;
  laterBy(ms: number): Promise<void>;
  handBack(): Promise<void>;
};

export type JobSource<T> = {
  start(): Promise<void>;
  /** The next job; undefined where none came within a second. */
  next(): Promise<HeldJob<T> | undefined>;
  /** Puts a job in line that was to come later; one that is not on the queue, or in line already, stays as it is. */
  promote(jobId: string): Promise<void>;
  /** Looks at once, not at the next turn, which of the jobs held were lost. */
  findLost(): Promise<void>;
  /** To be called when no job is held and no `next` is under way. */
  stop(): Promise<void>;
};

export type JobSourceDeps<T> = SourceSettings & {
  readonly jobLocks: JobLocks;
  readonly queueName: string;
  /** What a job is called where one is spoken of: `slice`. */
  readonly noun: string;
  /** Reads what a job carries; throws where its form is not known. */
  readonly read: (data: unknown, priority: number) => T;
};

export type SourceSettings = {
  readonly connection: ConnectionOptions;
  readonly prefix: string;
  /** Of the worker, unlike any other's: its locks begin with it. */
  readonly name: string;
  readonly logger: Logger;
  /** Epoch ms, the same for all workers. */
  readonly now: () => number;
  /** How long a job is held without a sign of life. */
  readonly lockMs?: number;
  /** How often is looked for jobs that nobody holds any more. */
  readonly stalledCheckMs?: number;
};

/** A frozen worker's jobs are taken over within lock + 2 × check: 25 s. Slices of a dead one sooner, see roll-call.ts. */
const defaultLockMs = 15_000;
const defaultStalledCheckMs = 5000;
const restMs = 100;

/** `heldUntil` is on the monotonic clock: past it another worker may have the slice, whatever this one can hear. */
type Lock = { readonly token: string; readonly lost: AbortController; heldUntil: number };

export const createJobSource = <T>(deps: JobSourceDeps<T>): JobSource<T> => {
  const { logger, noun, now, lockMs = defaultLockMs } = deps;
  const locks = new Map<string, Lock>();
  const worker = createQueueWorker(deps, lockMs);
  const isNewerWork = createNewerWork(logger);
  const renewal = createRenewal(deps, locks, lockMs);
  const search = createSearch(deps);
  return {
    async start() {
      await worker.waitUntilReady();
      search.start();
      renewal.start();
    },
    async next() {
      const token = lockOf(deps.name, randomUUID());
      const job = await worker.getNextJob(token);
      if (job === undefined) return undefined;
      try {
        return hold(job, deps.read(job.data, job.priority), {
          worker,
          token,
          locks,
          lockMs,
          logger,
          noun,
          now,
        });
      } catch (error) {
        if (!isNewerWork(error))
          logger.error({ err: error, jobId: job.id }, `a ${noun} of an unknown form is left alone`);
        await worker.putOff(job.id ?? '', token, now() + leaveForMs);
        await sleep(restMs); // there may be many of them, and the others need the queue more
        return undefined;
      }
    },
    async promote(jobId) {
      const job = await Job.fromId<unknown>(worker, jobId);
      if (job !== undefined && (await job.isDelayed())) await job.promote();
    },
    findLost: () => renewal.renew(),
    async stop() {
      renewal.stop();
      await search.stop();
      await worker.close();
    },
  };
};

const createQueueWorker = <T>(deps: JobSourceDeps<T>, lockMs: number): QueueWorker => {
  const { connection, prefix, name, now, logger, queueName } = deps;
  const worker = new QueueWorker(queueName, { connection, prefix, name, now, lockDuration: lockMs });
  worker.on('error', (error) => logger.warn({ err: error }, 'the queue is in trouble'));
  return worker;
};

const hold = <T>(
  job: Job<unknown>,
  carried: T,
  { worker, token, locks, lockMs, logger, noun, now }: Holding,
): HeldJob<T> => {
  const id = job.id ?? '';
  const lock: Lock = { token, lost: new AbortController(), heldUntil: performance.now() + lockMs };
  locks.get(id)?.lost.abort(); // it was taken from this worker, and came back to it
  locks.set(id, lock);
  const letGo = async (how: () => Promise<unknown>): Promise<void> => {
    if (locks.get(id) === lock) locks.delete(id);
    await how().catch((error: unknown) => {
      if (!isTaken(error)) throw error;
      logger.info(
        { jobId: id, why: error.message },
        `a ${noun} had gone to another worker before it was let go`,
      );
    });
  };
  return {
    id,
    job: carried,
    stalls: job.stalledCounter,
    lost: lock.lost.signal,
    done: () => letGo(() => job.moveToCompleted(undefined, token, false)),
    later: (at) => letGo(() => worker.putOff(id, token, at)),
    laterBy: (ms) => letGo(() => worker.putOff(id, token, now() + ms)),
    handBack: () => letGo(() => job.moveToWait(token)),
  };
};

type Holding = {
  readonly worker: QueueWorker;
  readonly token: string;
  readonly locks: Map<string, Lock>;
  readonly lockMs: number;
  readonly logger: Logger;
  readonly noun: string;
  readonly now: () => number;
};

/** Another worker has the job, or has even finished it; or we let it go already, and the answer got lost. */
const takenCodes: ReadonlySet<unknown> = new Set([
  ErrorCode.JobNotExist,
  ErrorCode.JobLockNotExist,
  ErrorCode.JobNotInState,
  ErrorCode.JobLockMismatch,
]);

const isTaken = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && takenCodes.has(error.code);

/** For jobs that nobody holds any more. BullMQ's own search would fail a job after so many stalls, and fails on a full Redis. */
const createSearch = <T>({
  jobLocks,
  logger,
  noun,
  stalledCheckMs = defaultStalledCheckMs,
}: JobSourceDeps<T>): Duty =>
  createDuty({
    name: `look for ${noun} jobs that nobody holds`,
    everyMs: stalledCheckMs,
    logger,
    async round() {
      const jobs = await jobLocks.putBack(stalledCheckMs);
      if (jobs.length > 0) logger.warn({ jobs }, `${noun} jobs were taken from workers that fell silent`);
    },
  });

type Renewal = { renew(): Promise<void>; start(): void; stop(): void };

/** Renews every lock in one call, and gives up those that are refused. */
const createRenewal = <T>(
  { jobLocks, logger, noun }: JobSourceDeps<T>,
  locks: ReadonlyMap<string, Lock>,
  lockMs: number,
): Renewal => {
  const renew = async (): Promise<void> => {
    const held = [...locks];
    if (held.length === 0) return;
    const heldUntil = performance.now() + lockMs;
    const refused = new Set(
      await jobLocks.renew(
        held.map(([id, { token }]) => [id, token]),
        lockMs,
      ),
    );
    for (const [id, lock] of held) lock.heldUntil = refused.has(id) ? 0 : heldUntil;
    giveUpLost();
  };
  const giveUpLost = (): void => {
    for (const [jobId, lock] of locks) {
      if (lock.heldUntil > performance.now() || lock.lost.signal.aborted) continue;
      logger.warn({ jobId }, `the lock of a ${noun} was lost`);
      lock.lost.abort();
    }
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    renew,
    start() {
      timer = setInterval(() => {
        giveUpLost();
        renew().catch((error: unknown) => logger.warn({ err: error }, 'locks could not be renewed'));
      }, lockMs / 3);
    },
    stop: () => clearInterval(timer),
  };
};
