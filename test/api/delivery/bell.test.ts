import { expect, test } from '@jest/globals';
import { hangBell } from '../../../api/delivery/bell.ts';
import { newBatchId } from '../../../shared/batch.ts';
import type { BatchEvents, BatchListener } from '../../../shared/batch-events.ts';
import type { Tail } from '../../../shared/result-pages.ts';

const id = newBatchId();
const minute = 60_000;

/** Events that a test rings itself. */
const byHand = (): BatchEvents & { ring: BatchListener; listeners(): number } => {
  const listeners = new Set<BatchListener>();
  return {
    async subscribe(_id, listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ring: (...told) => listeners.forEach((listener) => listener(...told)),
    listeners: () => listeners.size,
  };
};

test('rings for progress and for the end, also such as came before it was asked', async () => {
  const events = byHand();
  const bell = hangBell(events, id, new AbortController().signal);
  await bell.rung(minute); // it hangs
  for (const event of ['progress', 'end'] as const) {
    events.ring(event);
    await bell.rung(minute);
    const asleep = bell.rung(minute);
    events.ring(event);
    await asleep;
  }
  bell.stop();
  await Promise.resolve();
  expect(events.listeners()).toBe(0);
});

test('keeps what the batch ended with, until it has gone on', () => {
  const events = byHand();
  const bell = hangBell(events, id, new AbortController().signal);
  const tail = { segment: Buffer.from('the last one') } as Tail;
  expect(bell.tail()).toBeUndefined();
  events.ring('end', { batch: undefined, tail });
  expect(bell.tail()).toBe(tail);
  events.ring('progress'); // of a batch that was retried
  expect(bell.tail()).toBeUndefined();
  bell.stop();
});

test.each(['had', 'refused'])('rings when its subscription is %s', async (how) => {
  let settle = (): void => {};
  const events: BatchEvents = {
    subscribe: () =>
      new Promise((resolve, reject) => {
        settle = () => (how === 'had' ? resolve(() => {}) : reject(new Error('Connection is closed.')));
      }),
  };
  const bell = hangBell(events, id, new AbortController().signal);
  const asleep = bell.rung(minute);
  settle();
  await expect(asleep).resolves.toBeUndefined();
  bell.stop();
});

test('rings once for what comes close together', async () => {
  const events = byHand();
  const bell = hangBell(events, id, new AbortController().signal);
  await bell.rung(minute); // it hangs
  for (let i = 0; i < 5; i += 1) events.ring('progress');
  await bell.rung(minute);
  const begun = performance.now();
  await bell.rung(60);
  expect(performance.now() - begun).toBeGreaterThan(50);
  bell.stop();
});

test('rings when time is up, or by the signal, though no subscription can be had', async () => {
  const controller = new AbortController();
  const silent: BatchEvents = { subscribe: () => new Promise(() => {}) };
  const bell = hangBell(silent, id, controller.signal);
  const begun = performance.now();
  await bell.rung(5);
  const asleep = bell.rung(minute);
  controller.abort();
  await asleep;
  await bell.rung(minute);
  expect(performance.now() - begun).toBeLessThan(minute / 2);
  bell.stop();
});
