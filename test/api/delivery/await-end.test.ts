import { expect, test } from '@jest/globals';
import { awaitEnd } from '../../../api/delivery/await-end.ts';
import type { BatchEvents } from '../../../shared/batch-events.ts';
import type { BatchRecord } from '../../../shared/batch.ts';
import { storedResult, testApi } from '../../support/api.ts';

const api = testApi();
const silent: BatchEvents = { subscribe: () => new Promise(() => {}) };

const begin = async (): Promise<{ batch: BatchRecord; read: () => Promise<BatchRecord> }> => {
  const id = await api.submit(['https://example.com/']);
  const read = async (): Promise<BatchRecord> => {
    const batch = await api.batches.get(id);
    if (batch === undefined) throw new Error('gone');
    return batch;
  };
  return { batch: await read(), read };
};

test('sees an end that came before the subscription did', async () => {
  const { batch, read } = await begin();
  await api.results.record(batch.id, [storedResult(0)]);
  const { signal } = new AbortController();
  const ended = await awaitEnd(batch, { events: silent, read, timeoutMs: 50, signal });
  expect(ended.endedAt).toBeDefined();
});

test('answers in time though subscriptions cannot be had', async () => {
  const { batch, read } = await begin();
  const { signal } = new AbortController();
  const begun = performance.now();
  expect(await awaitEnd(batch, { events: silent, read, timeoutMs: 100, signal })).toEqual(batch);
  expect(performance.now() - begun).toBeLessThan(2000);
});

test('ends when told to, and lets go of its subscription', async () => {
  const { batch, read } = await begin();
  const controller = new AbortController();
  const subscribed = { count: 0 };
  const events: BatchEvents = {
    async subscribe() {
      subscribed.count += 1;
      controller.abort();
      return () => void (subscribed.count -= 1);
    },
  };
  await awaitEnd(batch, { events, read, timeoutMs: 60_000, signal: controller.signal });
  await Promise.resolve();
  expect(subscribed.count).toBe(0);
});

test('does not wake for progress', async () => {
  const { batch, read } = await begin();
  const controller = new AbortController();
  let reads = 0;
  const events: BatchEvents = {
    async subscribe(_id, listener) {
      for (let at = 0; at < 10; at += 1) setImmediate(() => listener('progress'));
      setImmediate(() => setImmediate(() => controller.abort()));
      return () => {};
    },
  };
  const counted = (): Promise<BatchRecord> => {
    reads += 1;
    return read();
  };
  await awaitEnd(batch, { events, read: counted, timeoutMs: 60_000, signal: controller.signal });
  expect(reads).toBeLessThanOrEqual(2);
});
