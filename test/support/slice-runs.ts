// Slices run by what a worker runs them with, on real stores; only the attempts are a test's own.
import { setMaxListeners } from 'node:events';
import { pino } from 'pino';
import type { BatchId } from '../../shared/batch.ts';
import { createFileBodyStore } from '../../shared/body-store/file.ts';
import { loadConfig } from '../../shared/config.ts';
import type { Attempt, Outcome, ResolvedRequest } from '../../worker/outcome.ts';
import { createRecorder } from '../../worker/recorder.ts';
import { createSliceRun, type SliceVerdict } from '../../worker/slice-run.ts';
import { createStores } from './batches.ts';
import { openPermits } from './permits.ts';
import { testRedis } from './redis.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

/** `call` counts the attempts at this request before. */
export type Answer = (
  request: ResolvedRequest,
  call: number,
  signal: AbortSignal,
) => Outcome | Promise<Outcome>;

/** To be called once, at the top of a test file. */
export const openSliceRuns = () => {
  const { redis, prefix } = testRedis();
  const stores = createStores(redis, prefix);
  const { results, slices, suspects } = stores;
  const bodies = createFileBodyStore(temporaryFolder());

  const setup = (
    answer: Answer,
    { concurrency = 100, random = 0.02, now = Date.now, generation = 0, marks = suspects } = {},
  ) => {
    const asked: number[] = [];
    const stopping = new AbortController();
    const abandon = new AbortController();
    const lost = new AbortController();
    const interrupt = new AbortController();
    abandon.signal.addEventListener('abort', () => interrupt.abort());
    for (const { signal } of [stopping, abandon, interrupt]) setMaxListeners(0, signal);
    const attempt: Attempt = ({ request, signal }, onEnd) => {
      const call = asked.filter((index) => index === request.index).length;
      asked.push(request.index);
      const startedAt = now();
      void Promise.resolve(answer(request, call, signal)).then((outcome) => {
        const timings = { ...outcome.timings, totalMs: now() - startedAt };
        onEnd({ ...outcome, startedAt, timings });
      });
    };
    const permits = openPermits(concurrency);
    const recorder = createRecorder({
      results,
      bodies,
      logger: pino({ level: 'silent' }),
      inlineBodyBytes: 100,
    });
    const run = createSliceRun({
      slices,
      suspects: marks,
      attempt,
      permits,
      observe: () => {},
      recorder,
      fetch: loadConfig({}).fetch,
      now,
      random: () => random,
    });
    const runSlice = (batchId: BatchId, slice = 0, stalls = 0): Promise<SliceVerdict> => {
      const signals = { stopping: stopping.signal, interrupt: interrupt.signal, abandon: abandon.signal };
      return run({ v: 1, batchId, slice, generation }, signals, {
        stalls,
        onJoined: () => {},
        lost: lost.signal,
      });
    };
    /** Runs the slice whenever it is time, until it is done. */
    const runToEnd = async (batchId: BatchId): Promise<void> => {
      const verdict = await runSlice(batchId);
      if (verdict.is === 'later') await waitFor(() => Date.now() >= verdict.at);
      if (verdict.is !== 'done') await runToEnd(batchId);
    };
    return { runSlice, runToEnd, asked, stopping, interrupt, abandon, lost, permits };
  };
  return { redis, prefix, ...stores, bodies, setup };
};
