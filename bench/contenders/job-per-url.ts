// The plain tutorial design: every URL a BullMQ job, added in bulk, one worker process, return values kept.
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { startChild } from '../child.ts';
import { urlsOf, type Contender, type Load, type Run } from '../contender.ts';
import { scriptPath } from '../script.ts';

const prefix = 'bench-job-per-url';
const jobsPerCall = 1000;

export const jobPerUrl: Contender = {
  name: 'job-per-url',
  about: 'one BullMQ job per URL with undici.request, return values kept; no API in front',
  async start({ redisUrl, concurrency }) {
    const worker = await startChild(scriptPath('bench/contenders/job-per-url-worker'), [
      redisUrl,
      prefix,
      String(concurrency),
    ]);
    const redis = connectRedis(redisUrl, 'queue');
    const queue = new Queue('urls', { connection: redis, prefix });
    return {
      run: (load, signal) => runJobs(queue, load, signal),
      async stop() {
        await worker.stop();
        await queue.obliterate({ force: true });
        await queue.close();
        await closeRedis(redis);
      },
    };
  },
};

const runJobs = async (queue: Queue, load: Load, signal: AbortSignal): Promise<Run> => {
  const jobs = urlsOf(load).map((url) => ({ name: 'fetch', data: { url } }));
  const startedAt = performance.now();
  for (let first = 0; first < jobs.length; first += jobsPerCall) {
    await queue.addBulk(jobs.slice(first, first + jobsPerCall));
  }
  await untilCompleted(queue, load, AbortSignal.any([signal, AbortSignal.timeout(load.timeoutMs)]));
  const durationMs = performance.now() - startedAt;
  await queue.clean(0, 0, 'completed');
  return { durationMs };
};

const untilCompleted = async (queue: Queue, { count }: Load, signal: AbortSignal): Promise<void> => {
  for (;;) {
    const { completed = 0, failed = 0 } = await queue.getJobCounts('completed', 'failed');
    if (failed > 0) throw new Error(`${failed} jobs failed`);
    if (completed === count) return;
    if (signal.aborted) throw new Error(`${completed} of ${count} when it was given up`);
    await sleep(10);
  }
};
