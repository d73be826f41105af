import { expect, test } from '@jest/globals';
import { inParallel } from '../../bench/in-parallel.ts';

test('runs every index once, never more at a time than allowed', async () => {
  const seen: number[] = [];
  const inFlight = { now: 0, most: 0 };
  await inParallel(20, 3, async (index) => {
    inFlight.now += 1;
    inFlight.most = Math.max(inFlight.most, inFlight.now);
    await Promise.resolve();
    seen.push(index);
    inFlight.now -= 1;
  });
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(inFlight.most).toBe(3);
});

test('rejects with the first failure and starts nothing more', async () => {
  const started: number[] = [];
  const run = inParallel(100, 1, async (index) => {
    started.push(index);
    if (index === 2) throw new Error('broken');
  });
  await expect(run).rejects.toThrow('broken');
  expect(started).toEqual([0, 1, 2]);
});
