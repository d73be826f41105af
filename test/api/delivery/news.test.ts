import { expect, test } from '@jest/globals';
import type { WatchListener } from '../../../api/delivery/batch-watch.ts';
import { listen, type News } from '../../../api/delivery/news.ts';
import { newBatchId, type BatchRecord } from '../../../shared/batch.ts';

const batch = { id: newBatchId(), startedAt: 1 } as BatchRecord;
const moved = { ...batch, isPaused: true };
const ended = { ...batch, endedAt: 2 };

/** Somebody who listens: `see` is what the watch sees, `watching` how many it watches for, `end` that nobody listens any more. */
const stage = (
  isOver = false,
): { news: News; see: WatchListener; watching: () => number; end: () => void } => {
  const listeners = new Set<WatchListener>();
  const ends = new Set<() => void>();
  const news = listen(batch, {
    watch: (_id, listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    progress: true,
    onceOver: (listener) => (isOver ? listener() : void ends.add(listener)),
  });
  return {
    news,
    see: (seen) => listeners.forEach((listener) => listener(seen)),
    watching: () => listeners.size,
    end: () => ends.forEach((listener) => listener()),
  };
};

test('begins with the batch itself, and waits for what comes after it', async () => {
  const { news, see } = stage();
  await expect(news.next()).resolves.toBe(batch);
  const next = news.next();
  see(moved);
  await expect(next).resolves.toBe(moved);
  see(ended);
  await expect(news.next()).resolves.toBe(ended);
});

test('leaves out what was seen before what was seen last', async () => {
  const { news, see } = stage();
  await expect(news.next()).resolves.toBe(batch);
  see(moved);
  see(ended);
  await expect(news.next()).resolves.toBe(ended);
});

test('says when the batch is gone', async () => {
  const { news, see } = stage();
  await news.next();
  const next = news.next();
  see(undefined);
  await expect(next).resolves.toBeUndefined();
  expect(news.isOver()).toBe(false);
});

test('ends once nobody listens, whether asked before or after, and watches no longer', async () => {
  const { news, see, watching, end } = stage();
  await news.next();
  const next = news.next();
  expect(watching()).toBe(1);
  end();
  await expect(next).resolves.toBeUndefined();
  await expect(news.next()).resolves.toBeUndefined();
  expect([news.isOver(), watching()]).toEqual([true, 0]);
  see(ended);
  await expect(news.next()).resolves.toBeUndefined();
});

test('has the batch itself also for who comes when all is over', async () => {
  const { news, watching } = stage(true);
  expect([news.isOver(), watching()]).toEqual([true, 0]);
  await expect(news.next()).resolves.toBe(batch);
  await expect(news.next()).resolves.toBeUndefined();
});

test('lets go when it is stopped', () => {
  const { news, watching } = stage();
  news.stop();
  expect(watching()).toBe(0);
});
