import { expect, test } from '@jest/globals';
import { keepLook } from '../../shared/kept-look.ts';

const counted = (): { readonly taken: () => number; readonly take: () => Promise<number> } => {
  let count = 0;
  return { taken: () => count, take: async () => (count += 1) };
};

test('takes one look for all who ask within a while, also while it is being taken', async () => {
  const { take, taken } = counted();
  const look = keepLook(60_000, take);
  expect(await Promise.all([look(), look()])).toEqual([1, 1]);
  expect(await look()).toBe(1);
  expect(taken()).toBe(1);
});

test('takes another when it is old', async () => {
  const look = keepLook(0, counted().take);
  expect([await look(), await look()]).toEqual([1, 2]);
});

test('tries again after it failed', async () => {
  const answers = [Promise.reject(new Error('away')), Promise.resolve(7)];
  const look = keepLook(60_000, () => answers.shift() ?? Promise.resolve(8));
  await expect(look()).rejects.toThrow('away');
  expect([await look(), await look()]).toEqual([7, 7]);
});
