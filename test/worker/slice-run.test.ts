import { setMaxListeners } from 'node:events';
import { afterAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BatchId } from '../../shared/batch.ts';
import { createFileBodyStore } from '../../shared/body-store/file.ts';
import { loadConfig } from '../../shared/config.ts';
import type { SliceOptions } from '../../shared/request.ts';
import type { StoredResult } from '../../shared/result.ts';
import type { Attempt, Outcome, ResolvedRequest } from '../../worker/outcome.ts';
import { createRecorder } from '../../worker/recorder.ts';
import { createSliceRun, type SliceVerdict } from '../../worker/slice-run.ts';
import { bodyAnimals } from '../support/animals/bodies.ts';
import { connectionAnimals } from '../support/animals/connections.ts';
import { createStores, sealBatch, succeeded } from '../support/batches.ts';
import { createEngine } from '../support/engine.ts';
import { failure, response } from '../support/outcomes.ts';
import { openPermits } from '../support/permits.ts';
import { testRedis } from '../support/redis.ts';
import { openTarget, type Animal } from '../support/target-server.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results, slices, suspects } = createStores(redis, prefix);
const folder = await mkdtemp(path.join(tmpdir(), 'fetchfleet-slice-run-'));
afterAll(() => rm(folder, { recursive: true }));

type Answer = (request: ResolvedRequest, call: number, signal: AbortSignal) => Outcome | Promise<Outcome>;

/** Runs slices against real stores; only the attempt is the test's. */
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
    bodies: createFileBodyStore(folder),
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

test('sends none that was not valid, and has it fail with the reason', async () => {
  const refusal = '/url: the URL must be absolute';
  const { id } = await sealBatch(batches, 10, {
    url: (index) => (index < 2 ? 'no URL' : `http://127.0.0.1:1/${index}`),
    request: (index) => (index < 2 ? { refusal, id: `r${index}` } : {}),
  });
  const { runSlice, asked } = setup(() => response(200));
  expect(await runSlice(id)).toEqual({ is: 'done' });
  expect(asked.length).toBe(8);
  expect((await batches.get(id))?.counts).toMatchObject({ succeeded: 8, failed: 2 });
  expect(await results.get(id, 1)).toMatchObject({
    id: 'r1',
    url: 'no URL',
    outcome: 'failed',
    failure: { code: 'invalid_request', message: refusal },
    attempts: [],
  });
});

test('a slice of nothing but such requests ends its batch', async () => {
  const { id } = await sealBatch(batches, 3, { url: () => '', request: () => ({ refusal: 'not JSON' }) });
  const { runSlice } = setup(() => response(200));
  expect(await runSlice(id)).toEqual({ is: 'done' });
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

test('being throttled does not use up the attempts, in later runs either', async () => {
  const { id } = await sealBatch(batches, 1, { defaults: { retry: { maxAttempts: 2 } } });
  const statuses = [429, 500, 429, 200];
  const { runToEnd } = setup((_request, call) => response(statuses[call] ?? 404), { random: 0.01 });
  await runToEnd(id);
  const { outcome, attempts } = (await results.get(id, 0)) as StoredResult;
  expect(outcome).toBe('succeeded');
  expect(attempts.map(({ status, throttled }) => [status, throttled])).toEqual([
    [429, true],
    [500, undefined],
    [429, true],
    [200, undefined],
  ]);
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

test('says nothing of a slice that another worker may have by now', async () => {
  const { id } = await sealBatch(batches, 3, { sliceSize: 3 });
  const { runSlice, abandon, lost } = setup(() => {
    lost.abort();
    abandon.abort();
    return failure('cancelled');
  });
  await runSlice(id);
  expect((await batches.get(id))?.counts).toMatchObject({ running: 3, pending: 0 });
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

describe('a slice of a batch that is paused', () => {
  const ended = (signal: AbortSignal): Promise<Outcome> =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(failure('cancelled', { isTransient: false })));
    });

  test('gives back what may be repeated and what has not begun, and records what may not', async () => {
    const methods = ['GET', 'POST', 'POST', 'PUT', 'GET', 'GET', 'GET'] as const;
    const { id } = await sealBatch(batches, 7, {
      request: (index) => ({ method: methods[index] ?? 'GET', retry: { unsafe: index === 2 } }),
    });
    const endPost: (() => void)[] = [];
    const { runSlice, asked, interrupt } = setup(
      async (request, _call, signal) => {
        if (request.index === 5) return failure('connection_lost');
        if (request.index !== 1) return await ended(signal);
        await new Promise<void>((resolve) => endPost.push(resolve));
        expect(signal.aborted).toBe(false);
        return response(200);
      },
      { concurrency: 5, random: 1 },
    );
    const running = runSlice(id);
    await waitFor(() => asked.length === 5);
    interrupt.abort();
    endPost[0]?.();
    expect(await running).toEqual({ is: 'handBack' });
    expect(asked.length).toBe(5);
    expect((await batches.get(id))?.counts).toMatchObject({
      succeeded: 1,
      failed: 0,
      running: 0,
      pending: 6,
    });
    expect(await results.get(id, 1)).toMatchObject({ outcome: 'succeeded' });
  });

  test('does not wait for what is to be tried again', async () => {
    const { id } = await sealBatch(batches, 2);
    const { runSlice, asked, interrupt } = setup(
      async (request, _call, signal) =>
        request.index === 0 ? failure('connection_lost') : await ended(signal),
      { random: 1 },
    );
    const running = runSlice(id);
    await waitFor(() => asked.length === 2);
    interrupt.abort();
    await running;
    const claimed = await slices.claim(id, 0);
    const histories = claimed === 'held' ? undefined : claimed?.histories;
    expect(histories?.get(0)).toMatchObject({ attempts: [{ failure: { code: 'connection_lost' } }] });
    expect(histories?.get(1)).toMatchObject({ attempts: [] });
  });

  test('begins nothing where the pause comes before it', async () => {
    const { id } = await sealBatch(batches, 2);
    const { runSlice, asked, interrupt } = setup(() => response(200));
    interrupt.abort();
    expect(await runSlice(id)).toEqual({ is: 'handBack' });
    expect(asked).toEqual([]);
  });
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

test('a slice that a void job still holds is looked at again soon', async () => {
  const { id } = await sealBatch(batches, 1);
  const { runSlice, asked } = setup(() => response(200), { generation: 1 });
  await redis.hset(`${prefix}:slices:${id}-0`, 'name', 'slice');
  await slices.claim(id, 0);
  await redis.hset(keys.batch(id).meta, 'generation', 1);
  expect(await runSlice(id)).toEqual({ is: 'later', at: expect.any(Number) });
  await slices.release(id, 0, new Map());
  expect(await runSlice(id)).toEqual({ is: 'done' });
  expect(asked).toEqual([0]);
});

describe('a slice that lost its worker', () => {
  /** The most requests that were under way at once. */
  const width = async (stalls: number): Promise<number> => {
    const { id } = await sealBatch(batches, 5);
    let inFlight = 0;
    let most = 0;
    const { runSlice } = setup(async () => {
      most = Math.max(most, ++inFlight);
      await new Promise(setImmediate);
      inFlight--;
      return response(200);
    });
    expect(await runSlice(id, 0, stalls)).toEqual({ is: 'done' });
    expect((await batches.get(id))?.counts).toMatchObject({ total: 5, succeeded: 5 });
    return most;
  };

  test('gives its permit back where a request cannot be marked before it starts', async () => {
    const { id } = await sealBatch(batches, 2);
    const suspect = async (): Promise<void> => {
      throw new Error('no Redis');
    };
    const { runSlice, asked } = setup(() => response(200), {
      concurrency: 1,
      marks: { ...suspects, suspect },
    });
    await expect(runSlice(id, 0, 2)).rejects.toThrow('no Redis');
    expect(asked).toEqual([]);
    expect(await runSlice(id, 0)).toEqual({ is: 'done' });
    expect(asked).toEqual([0, 1]);
  });

  test('once runs as ever, twice one request at a time', async () => {
    expect(await width(1)).toBe(5);
    expect(await width(2)).toBe(1);
  });

  test('does not wait for one request that is to be tried again while it has others', async () => {
    const { id } = await sealBatch(batches, 3);
    const { runSlice, asked } = setup(
      (request, call) => (request.index === 0 && call === 0 ? response(503) : response(200)),
      { random: 0.1 },
    );
    const verdict = await runSlice(id, 0, 2);
    expect(asked).toEqual([0, 1, 2]);
    expect((await batches.get(id))?.counts).toMatchObject({ succeeded: 2, running: 0, pending: 1 });
    await waitFor(() => verdict.is === 'later' && Date.now() >= verdict.at);
    expect(await runSlice(id, 0, 2)).toEqual({ is: 'done' });
    expect(await results.get(id, 0)).toMatchObject({ attempts: [{ status: 503 }, { status: 200 }] });
  });
});

describe('a request with a limit for its whole', () => {
  const engine = createEngine();
  afterAll(() => engine.connections.close());
  const ask: Answer = (request, _call, signal) => engine.fetch(request.url, { ...request, signal });

  /** What comes of one GET to the animal, and how long it took from its first attempt to the end of its last. */
  const visit = async (animal: Animal, defaults: SliceOptions) => {
    const target = await openTarget(animal);
    const { id } = await sealBatch(batches, 1, { defaults, url: () => target.origin });
    await setup(ask).runToEnd(id);
    await target.close();
    const result = (await results.get(id, 0)) as StoredResult;
    const [first, last] = [result.attempts[0], result.attempts.at(-1)];
    return { result, tookMs: (last?.startedAt ?? 0) + (last?.totalMs ?? 0) - (first?.startedAt ?? 0) };
  };
  const late = { code: 'timed_out', message: 'the whole request had 1000 ms, its retries included' };

  test('ends with it at a host that hangs, its last attempt cut short', async () => {
    const { result, tookMs } = await visit(connectionAnimals.acceptAndHang, {
      timeoutMs: 500,
      retry: { withinMs: 1000, maxAttempts: 10 },
    });
    expect(result).toMatchObject({ outcome: 'failed', failure: late });
    expect(result.attempts[0]?.failure?.message).toBe('the attempt took longer than 500 ms');
    expect(result.attempts.at(-1)?.failure).toEqual(late);
    expect(tookMs).toBeGreaterThanOrEqual(990);
    expect(tookMs).toBeLessThan(2000);
  });

  test('ends with it at a host that trickles, within its first attempt', async () => {
    const { result, tookMs } = await visit(bodyAnimals.drippingBody, { retry: { withinMs: 1000 } });
    expect(result).toMatchObject({ outcome: 'failed', failure: late, status: 200 });
    expect(result.attempts).toHaveLength(1);
    expect(tookMs).toBeGreaterThanOrEqual(990);
    expect(tookMs).toBeLessThan(2000);
  });

  test('is not asked again where it went back to the queue and came too late', async () => {
    const { id } = await sealBatch(batches, 2, { defaults: { retry: { withinMs: 1000 } } });
    const past = Date.now() - 5000;
    const log = [{ startedAt: past, waitMs: 0, totalMs: 12.5, status: 503 }];
    await slices.claim(id, 0);
    await slices.release(id, 0, new Map([[1, { attempts: log, notBefore: past + 500 }]]));
    const { runSlice, asked } = setup(() => response(200));
    expect(await runSlice(id)).toEqual({ is: 'done' });
    expect(asked).toEqual([0]);
    expect(await results.get(id, 1)).toMatchObject({ outcome: 'failed', failure: late, attempts: log });
  });

  test('is not asked again where it stood in line until too late', async () => {
    const { id } = await sealBatch(batches, 2, { defaults: { retry: { withinMs: 1000 } } });
    let now = Date.now();
    const { runSlice, asked } = setup(
      async (request) => {
        if (request.index === 0) return response(503, { headers: ['retry-after', '0'] });
        await new Promise(setImmediate); // by now the other one is in line
        now += 2000;
        return response(200);
      },
      { concurrency: 1, now: () => now },
    );
    expect(await runSlice(id)).toEqual({ is: 'done' });
    expect(asked).toEqual([0, 1]);
    expect(await results.get(id, 0)).toMatchObject({ failure: late, attempts: [{ status: 503 }] });
  });
});
