import { afterAll, describe, expect, test } from '@jest/globals';
import type { SliceOptions } from '../../shared/request.ts';
import type { StoredResult } from '../../shared/result.ts';
import type { Outcome } from '../../worker/outcome.ts';
import { bodyAnimals } from '../support/animals/bodies.ts';
import { connectionAnimals } from '../support/animals/connections.ts';
import { sealBatch } from '../support/batches.ts';
import { createEngine } from '../support/engine.ts';
import { failure, response } from '../support/outcomes.ts';
import { openSliceRuns, type Answer } from '../support/slice-runs.ts';
import { openTarget, type Animal } from '../support/target-server.ts';
import { waitFor } from '../support/wait-for.ts';

const { batches, bodies, results, slices, setup } = openSliceRuns();

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

describe('a body that is in the store before its result', () => {
  const setUp = async (statuses: readonly number[]) => {
    const { id } = await sealBatch(batches, 1);
    const refs: string[] = [];
    const run = setup(async ({ index }, call) => {
      const ref = await bodies.put(id, index, Buffer.from('large'));
      refs.push(ref);
      const status = statuses[call];
      if (status === undefined) run.abandon.abort();
      return response(status ?? 200, { body: { ref, wireBytes: 5, bytes: 5, truncated: false } });
    });
    const isStored = (ref = ''): Promise<boolean> =>
      bodies.read(id, ref).then(
        () => true,
        () => false,
      );
    return { ...run, id, refs, isStored };
  };

  test('stays there with its result, and is removed where the request is tried again', async () => {
    const { id, runToEnd, refs, isStored } = await setUp([503, 200]);
    await runToEnd(id);
    expect(await results.get(id, 0)).toMatchObject({ outcome: 'succeeded', body: { ref: refs[1] } });
    expect(await isStored(refs[1])).toBe(true);
    await waitFor(async () => !(await isStored(refs[0])));
  });

  test('is removed where its batch has ended', async () => {
    const { id, runSlice, refs, isStored } = await setUp([]);
    await runSlice(id);
    expect(refs).toHaveLength(1);
    await waitFor(async () => !(await isStored(refs[0])));
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
