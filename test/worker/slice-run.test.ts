import { setMaxListeners } from 'node:events';
import { afterAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BatchId } from '../../shared/batch.ts';
import { createFileBodyStore } from '../../shared/body-store/file.ts';
import { loadConfig } from '../../shared/config.ts';
import type { Attempt, Outcome, ResolvedRequest } from '../../worker/outcome.ts';
import { createPermits } from '../../worker/permits.ts';
import { createRecorder } from '../../worker/recorder.ts';
import { createSliceRun, type SliceVerdict } from '../../worker/slice-run.ts';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { failure, response } from '../support/outcomes.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, prefix } = testRedis();
const { batches, results, slices } = createStores(redis, prefix);
const folder = await mkdtemp(path.join(tmpdir(), 'fetchfleet-slice-run-'));
afterAll(() => rm(folder, { recursive: true }));

type Answer = (request: ResolvedRequest, call: number, signal: AbortSignal) => Outcome | Promise<Outcome>;

/** Runs slices against real stores; only the attempt is the test's. */
const setup = (answer: Answer, { concurrency = 100, random = 0.02 } = {}) => {
  const asked: number[] = [];
  const stopping = new AbortController();
  const abandon = new AbortController();
  for (const { signal } of [stopping, abandon]) setMaxListeners(0, signal);
  const attempt: Attempt = async (request, _owner, signal) => {
    const call = asked.filter((index) => index === request.index).length;
    asked.push(request.index);
    return { ...(await answer(request, call, signal)), startedAt: Date.now() };
  };
  const permits = createPermits(concurrency);
  const recorder = createRecorder({
    results,
    bodies: createFileBodyStore(folder),
    logger: pino({ level: 'silent' }),
    inlineBodyBytes: 100,
  });
  const run = createSliceRun({
    slices,
    attempt,
    permits,
    recorder,
    fetch: loadConfig({}).fetch,
    now: Date.now,
    random: () => random,
  });
  const runSlice = (batchId: BatchId, slice = 0): Promise<SliceVerdict> =>
    run({ v: 1, batchId, slice }, { stopping: stopping.signal, abandon: abandon.signal });
  return { runSlice, asked, stopping, abandon, permits };
};

test('runs every request of the slice and records its result', async () => {
  const { id } = await sealBatch(batches, 15);
  const { runSlice } = setup((request) => response(request.index === 3 ? 404 : 200));
  expect(await runSlice(id, 0)).toEqual({ is: 'done' });
  expect((await batches.get(id))?.counts).toMatchObject({ pending: 5, running: 0, succeeded: 9, failed: 1 });
  expect(await results.get(id, 3)).toMatchObject({
    outcome: 'failed',
    status: 404,
    failure: { code: 'http_status' },
  });
  expect(await runSlice(id, 1)).toEqual({ is: 'done' });
  expect((await batches.get(id))?.endedAt).toBeDefined();
});

test('asks only for what has no result yet', async () => {
  const { id } = await sealBatch(batches, 10);
  await results.record(id, [succeeded(2), succeeded(7)]);
  const { runSlice, asked } = setup(() => response(200));
  await runSlice(id);
  expect(asked.toSorted((a, b) => a - b)).toEqual([0, 1, 3, 4, 5, 6, 8, 9]);
  expect(await runSlice(id)).toEqual({ is: 'done' });
  expect(asked.length).toBe(8);
});

test('never has more in flight than there are permits', async () => {
  const { id } = await sealBatch(batches, 10);
  let inFlight = 0;
  let most = 0;
  const { runSlice } = setup(
    async () => {
      most = Math.max(most, ++inFlight);
      await Promise.resolve();
      inFlight--;
      return response(200);
    },
    { concurrency: 3 },
  );
  await runSlice(id);
  expect(most).toBe(3);
});

test('a request to be tried again goes on in a later run, with its attempts', async () => {
  const { id } = await sealBatch(batches, 2);
  const { runSlice } = setup(
    (request, call) => (request.index === 1 && call === 0 ? failure('connection_lost') : response(200)),
    { random: 0.3 },
  );
  const verdict = await runSlice(id);
  expect(verdict.is).toBe('later');
  expect((await batches.get(id))?.counts).toMatchObject({ pending: 1, running: 0, succeeded: 1 });

  await waitFor(() => verdict.is === 'later' && Date.now() >= verdict.at);
  expect(await runSlice(id)).toEqual({ is: 'done' });
  expect(await results.get(id, 1)).toMatchObject({
    outcome: 'succeeded',
    attempts: [{ failure: { code: 'connection_lost' } }, { status: 200 }],
  });
});

test('a request is tried again in the same run while others are still under way', async () => {
  const { id } = await sealBatch(batches, 2);
  const seen = { again: false };
  const { runSlice } = setup(async (request, call) => {
    if (request.index === 0) {
      await waitFor(() => seen.again);
      return response(200);
    }
    if (call === 1) seen.again = true;
    return call === 0 ? failure('connection_lost') : response(200);
  });
  expect(await runSlice(id)).toEqual({ is: 'done' });
});

test('a slice whose worker stops gives back what it has not started', async () => {
  const { id } = await sealBatch(batches, 10);
  const { runSlice, stopping, permits } = setup(
    (request) => {
      if (request.index === 1) {
        stopping.abort();
        permits.close();
      }
      return response(200);
    },
    { concurrency: 2 },
  );
  expect(await runSlice(id)).toEqual({ is: 'handBack' });
  expect((await batches.get(id))?.counts).toMatchObject({ total: 10, succeeded: 2, running: 0, pending: 8 });
});

test('records nothing of what was abandoned', async () => {
  const { id } = await sealBatch(batches, 3);
  const { runSlice, abandon, stopping, permits } = setup((request) => {
    if (request.index === 2) {
      stopping.abort();
      permits.close();
      abandon.abort();
    }
    return response(200);
  });
  expect(await runSlice(id)).toEqual({ is: 'handBack' });
  expect((await batches.get(id))?.counts).toMatchObject({ succeeded: 0, running: 0, pending: 3 });
});

test('a cancelled batch leaves nothing to run, and takes no results', async () => {
  const { id } = await sealBatch(batches, 2);
  const { runSlice } = setup(async () => {
    await batches.close(id, 'cancelled');
    return response(200);
  });
  expect(await runSlice(id)).toEqual({ is: 'done' });
  expect((await batches.get(id))?.counts).toMatchObject({ cancelled: 2, succeeded: 0 });
});
