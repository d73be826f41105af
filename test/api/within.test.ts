import { expect, test } from '@jest/globals';
import { within } from '../../api/within.ts';

test('is the answer, or nothing where there is none in time', async () => {
  expect(await within(10_000, async () => 7)).toBe(7);
  expect(await within(10_000, () => Promise.reject(new Error('no')))).toBeUndefined();
  expect(await within(5, () => new Promise(() => {}))).toBeUndefined();
});
