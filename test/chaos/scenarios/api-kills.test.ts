import { expect, test } from '@jest/globals';
import { sizesFor } from '../../../chaos/scenarios/api-kills.ts';

test('mixes batches that are accepted in one step with batches that are not, 200 where nothing is said', () => {
  const sizes = sizesFor(undefined);
  expect(sizes).toHaveLength(200);
  expect([...new Set(sizes)].toSorted((a, b) => a - b)).toEqual([1, 100, 3000, 5500]);
  expect(sizes.filter((size) => size === 5500)).toHaveLength(10);
});

test('takes as many batches as have so many URLs', () => {
  expect(sizesFor(1)).toEqual([1]);
  expect(sizesFor(102)).toEqual([1, 100, 1]);
  const many = sizesFor(100_000);
  expect(many.length).toBeGreaterThan(200);
  expect(many.reduce((sum, size) => sum + size, 0)).toBeGreaterThanOrEqual(100_000);
});
