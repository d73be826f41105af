import { expect, test } from '@jest/globals';
import { keepLook } from '../../shared/kept-look.ts';

const counted = (): { readonly taken: () => number; readonly take: () => Promise<number> } => {
  let count = 0;
  return { taken: () => count, take: async () => (count += 1) };
};

test('takes one look for all who ask within a while, also while it is being taken', async () => {
  const { take, taken } = counted();
  const look = keepLook({ freshMs: 60_000 }, take);
  expect(await Promise.all([look(), look()])).toEqual([1, 1]);
  expect(await look()).toBe(1);
  expect(taken()).toBe(1);
});

test('takes another when it is old', async () => {
  const look = keepLook({ freshMs: 0 }, counted().take);
  expect([await look(), await look()]).toEqual([1, 2]);
});

test('hands out an old one while it takes another, but none that is too old', async () => {
  const look = keepLook({ freshMs: 0, staleMs: 60_000 }, counted().take);
  expect([await look(), await look(), await look()]).toEqual([1, 1, 2]);
  const strict = keepLook({ freshMs: 0, staleMs: 0 }, counted().take);
  expect([await strict(), await strict()]).toEqual([1, 2]);
});

test('tells who waits for it that a look failed, and nobody else', async () => {
  const answers = [Promise.resolve(7), Promise.reject(new Error('away'))];
  const look = keepLook({ freshMs: 0, staleMs: 60_000 }, () => answers.shift() ?? Promise.resolve(8));
  expect([await look(), await look(), await look()]).toEqual([7, 7, 8]);
});

test('tries again after it failed', async () => {
  const answers = [Promise.reject(new Error('away')), Promise.resolve(7)];
  const look = keepLook({ freshMs: 60_000 }, () => answers.shift() ?? Promise.resolve(8));
  await expect(look()).rejects.toThrow('away');
  expect([await look(), await look()]).toEqual([7, 7]);
});
