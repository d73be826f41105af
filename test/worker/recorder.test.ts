import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { BatchId } from '../../shared/batch.ts';
import type { BodyStore } from '../../shared/body-store.ts';
import type { ResultStore } from '../../shared/result-store.ts';
import type { StoredResult } from '../../shared/result.ts';
import { createRecorder, type Recorder } from '../../worker/recorder.ts';
import { succeeded } from '../support/batches.ts';
import { waitFor } from '../support/wait-for.ts';

const id = 'bat_a' as BatchId;
const other = 'bat_b' as BatchId;

const store = (recorder: Recorder, batch: BatchId, result: StoredResult, generation = 0): Promise<void> =>
  new Promise((stored) => recorder.record({ id: batch, generation }, result, stored));

type Recorded = {
  readonly id: BatchId;
  readonly results: readonly StoredResult[];
  readonly generation: number | undefined;
};

/** A store in memory that a test can make fail or wait: what is tested is when it is called, and with what. */
const setup = (
  record: (call: number) => Promise<void> = async () => {},
): { recorder: Recorder; segments: Recorded[]; bodies: Uint8Array[]; removed: string[] } => {
  const segments: Recorded[] = [];
  const removed: string[] = [];
  const bodies: Uint8Array[] = [];
  let calls = 0;
  const results = {
    async record(batch: BatchId, recorded: readonly StoredResult[], generation?: number) {
      await record(calls++);
      segments.push({ id: batch, results: recorded, generation });
      return 'recorded';
    },
  } as ResultStore;
  const bodyStore = {
    put: async (_: BatchId, index: number, bytes: Uint8Array) => (bodies.push(bytes), `0/${index}`),
    remove: (batch: BatchId, ref: string) => {
      removed.push(`${batch} ${ref}`);
      return Promise.reject(new Error('the disk is gone'));
    },
  } as BodyStore;
  const recorder = createRecorder({
    results,
    bodies: bodyStore,
    logger: pino({ level: 'silent' }),
    inlineBodyBytes: 100,
  });
  return { recorder, segments, bodies, removed };
};

test('results that end together are one segment, recorded within moments', async () => {
  const { recorder, segments } = setup();
  await Promise.all([0, 1, 2].map((index) => store(recorder, id, succeeded(index))));
  expect(segments.map(({ results }) => results.map(({ index }) => index))).toEqual([[0, 1, 2]]);
});

test('a full segment does not wait for more', async () => {
  const { recorder, segments } = setup();
  await Promise.all(Array.from({ length: 600 }, (_, index) => store(recorder, id, succeeded(index))));
  expect(segments.map(({ results }) => results.length)).toEqual([512, 88]);
});

test('what waits can be flushed at once', async () => {
  const { recorder, segments } = setup();
  const stored = store(recorder, id, succeeded(0));
  recorder.flush(id);
  expect(segments).toEqual([]);
  await Promise.resolve();
  await Promise.resolve();
  expect(segments).toHaveLength(1);
  await stored;
  recorder.flush(id);
  recorder.flush(other);
});

test('batches do not share segments', async () => {
  const { recorder, segments } = setup();
  await Promise.all([store(recorder, id, succeeded(0)), store(recorder, other, succeeded(0))]);
  expect(segments.map((segment) => segment.id).toSorted()).toEqual([id, other]);
});

test('results from before and after a batch was lined up anew do not share segments', async () => {
  const { recorder, segments } = setup();
  await Promise.all([
    store(recorder, id, succeeded(0)),
    store(recorder, id, succeeded(1), 1),
    store(recorder, id, succeeded(2), 1),
  ]);
  expect(segments.map(({ results, generation }) => [generation, results.map(({ index }) => index)])).toEqual([
    [0, [0]],
    [1, [1, 2]],
  ]);
});

test('a body over the limit goes to the body store, and the result refers to it', async () => {
  const { recorder, segments, bodies } = setup();
  const inline = Buffer.alloc(101, 7);
  await store(recorder, id, {
    ...succeeded(5),
    body: { inline, wireBytes: 101, bytes: 101, truncated: false },
  });
  expect(bodies).toEqual([inline]);
  expect(segments[0]?.results[0]?.body).toEqual({ ref: '0/5', wireBytes: 101, bytes: 101, truncated: false });
});

test('a body at the limit stays in the result', async () => {
  const { recorder, segments, bodies } = setup();
  const inline = Buffer.alloc(100);
  await store(recorder, id, {
    ...succeeded(5),
    body: { inline, wireBytes: 100, bytes: 100, truncated: false },
  });
  expect(bodies).toEqual([]);
  expect(segments[0]?.results[0]?.body?.inline).toEqual(inline);
});

test('recording goes on until the store takes it', async () => {
  const { recorder, segments } = setup(async (call) => {
    if (call < 2) throw new Error('Redis is away');
  });
  await store(recorder, id, succeeded(0));
  expect(segments.length).toBe(1);
});

test('there is no room while too much waits for the store', async () => {
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { recorder } = setup(() => gate);
  await recorder.hasRoom();
  const stored = Promise.all(
    Array.from({ length: 2000 }, (_, index) => store(recorder, id, succeeded(index))),
  );
  let hasRoom = false;
  void recorder.hasRoom().then(() => {
    hasRoom = true;
  });
  await Promise.resolve();
  expect(hasRoom).toBe(false);
  open();
  await stored;
  await waitFor(() => hasRoom);
});

test('drops a body from the store, or leaves it to the end of its batch', async () => {
  const { recorder, removed } = setup();
  recorder.drop(id, '0/1-a');
  await new Promise(setImmediate);
  expect(removed).toEqual(['bat_a 0/1-a']);
});
