import { describe, expect, test } from '@jest/globals';
import { sealBatch, succeeded } from '../support/batches.ts';
import { failure, response } from '../support/outcomes.ts';
import { openSliceRuns } from '../support/slice-runs.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, prefix, keys, batches, results, slices, suspects, setup } = openSliceRuns();

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
