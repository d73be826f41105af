// BullMQ's worker as job-source.ts uses it: it goes by the clock that it is given, where BullMQ would go by that of this process.
import { createRedisBackend, Worker, type BackendFactory, type RedisQueueBackend } from 'bullmq';
import type { WorkerOptions } from 'bullmq';

export type QueueWorkerOptions = Pick<WorkerOptions, 'connection' | 'prefix' | 'name' | 'lockDuration'> & {
  /** Epoch ms, the same for all workers. */
  readonly now: () => number;
};

/** A wait on the empty queue, so also the longest a worker takes to notice that it is to stop. */
const blockSeconds = 1;

export class QueueWorker extends Worker<unknown> {
  readonly #now: () => number;

  constructor(queueName: string, { now, ...options }: QueueWorkerOptions) {
    super(queueName, null, { ...options, drainDelay: blockSeconds, autorun: false }, clocked(now));
    this.#now = now;
  }

  /** Puts a job off that is held with `token`. */
  async putOff(jobId: string, token: string, until: number): Promise<void> {
    const now = this.#now();
    await this.getBackend().moveToDelayed(jobId, now, Math.max(0, until - now), token, { skipAttempt: true });
  }

  /** BullMQ waits ten seconds for a job that is delayed for longer; a stop would wait as long. */
  override getBlockTimeout(blockUntil: number): number {
    const leftMs = blockUntil === 0 ? Infinity : blockUntil - this.#now();
    return leftMs <= 0 ? 0 : Math.min(Math.max(leftMs / 1000, this.minimumBlockTimeout), blockSeconds);
  }
}

/** Behind the keys of moveToActive-11.lua of BullMQ 6.7 and the prefix of its jobs. It calls back those whose time has come. */
const timestampAt = 12;

const clocked =
  (now: () => number): BackendFactory<RedisQueueBackend> =>
  (...asked) => {
    const backend = createRedisBackend(...asked);
    const run = backend.execCommand.bind(backend);
    backend.execCommand = (client, command, args) =>
      run(client, command, command === 'moveToActive' ? args.with(timestampAt, now()) : args) as unknown;
    return backend;
  };
