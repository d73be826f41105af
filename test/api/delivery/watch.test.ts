import { expect, test } from '@jest/globals';
import { watchBatch } from '../../../api/delivery/watch.ts';
import { newBatchId } from '../../../shared/batch.ts';
import type { BatchEvents } from '../../../shared/batch-events.ts';

const id = newBatchId();
const minute = 60_000;

/** Events that a test rings itself. */
const byHand = (): BatchEvents & { ring(event: 'progress' | 'end'): void; listeners(): number } => {
  const listeners = new Set<(event: 'progress' | 'end') => void>();
  return {
    async subscribe(_id, listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ring: (event) => listeners.forEach((listener) => listener(event)),
    listeners: () => listeners.size,
  };
};

test('wakes for progress and for the end, also such as came before it was asked', async () => {
  const events = byHand();
  const watch = watchBatch(events, id, new AbortController().signal);
  for (const event of ['progress', 'end'] as const) {
    events.ring(event);
    await watch.moved(minute);
    const asleep = watch.moved(minute);
    events.ring(event);
    await asleep;
  }
  watch.stop();
  await Promise.resolve();
  expect(events.listeners()).toBe(0);
});

test('wakes once for what comes close together', async () => {
  const events = byHand();
  const watch = watchBatch(events, id, new AbortController().signal);
  for (let i = 0; i < 5; i += 1) events.ring('progress');
  await watch.moved(minute);
  const begun = performance.now();
  await watch.moved(60);
  expect(performance.now() - begun).toBeGreaterThan(50);
  watch.stop();
});

test('wakes when time is up, or by the signal, though no subscription can be had', async () => {
  const controller = new AbortController();
  const silent: BatchEvents = { subscribe: () => new Promise(() => {}) };
  const watch = watchBatch(silent, id, controller.signal);
  const begun = performance.now();
  await watch.moved(5);
  const asleep = watch.moved(minute);
  controller.abort();
  await asleep;
  await watch.moved(minute);
  expect(performance.now() - begun).toBeLessThan(minute / 2);
  watch.stop();
});
