import { expect, test } from '@jest/globals';
import { awaitEnd, type Wait } from '../../../api/delivery/await-end.ts';
import type { WatchListener } from '../../../api/delivery/batch-watch.ts';
import { newBatchId, type BatchRecord } from '../../../shared/batch.ts';

const running = { id: newBatchId(), startedAt: 1 } as BatchRecord;
const ended = { ...running, endedAt: 2 };

/** What a wait is given: `tell` is what the watch sees, `watching` how many it watches for. */
const stage = (): Omit<Wait, 'timeoutMs'> & {
  tell: WatchListener;
  watching: () => number;
  end: () => void;
} => {
  const listeners = new Set<WatchListener>();
  const over = { isOver: false, giveUps: new Set<() => void>() };
  return {
    watch: (_id, listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    read: async () => running,
    onceOver: (giveUp) => (over.isOver ? giveUp() : void over.giveUps.add(giveUp)),
    tell: (batch) => [...listeners].forEach((listener) => listener(batch)),
    watching: () => listeners.size,
    end: () => {
      over.isOver = true;
      over.giveUps.forEach((giveUp) => giveUp());
    },
  };
};

test('waits for the end, whatever moves before, and lets go', async () => {
  const { tell, watching, end, ...wait } = stage();
  const answer = awaitEnd(running.id, { ...wait, timeoutMs: 60_000 });
  tell({ ...running, isPaused: true });
  expect(watching()).toBe(1);
  tell(ended);
  await expect(answer).resolves.toBe(ended);
  expect(watching()).toBe(0);
  end(); // as it is, once the answer has been sent
  await expect(answer).resolves.toBe(ended);
});

test('answers in time with the batch as it is', async () => {
  const { watching, ...wait } = stage();
  await expect(awaitEnd(running.id, { ...wait, timeoutMs: 20 })).resolves.toBe(running);
  expect(watching()).toBe(0);
});

test('ends when told to, also before it began', async () => {
  const { end, watching, ...wait } = stage();
  const answer = awaitEnd(running.id, { ...wait, timeoutMs: 60_000 });
  end();
  await expect(answer).resolves.toBe(running);
  await expect(awaitEnd(running.id, { ...wait, timeoutMs: 60_000 })).resolves.toBe(running);
  expect(watching()).toBe(0);
});

test('leaves it to its caller to say that the batch is gone', async () => {
  const { tell, ...wait } = stage();
  const answer = awaitEnd(running.id, {
    ...wait,
    read: () => Promise.reject(new Error('no such batch')),
    timeoutMs: 60_000,
  });
  tell(undefined);
  await expect(answer).rejects.toThrow('no such batch');
});
