import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { planSlices } from '../../../api/submission/plan-slices.ts';
import type { SliceRequest } from '../../../shared/request.ts';

const limits = { size: 3, bytes: 1_000_000, priority: 50 };

const windowOf = (hosts: readonly string[], first = 0): SliceRequest[] =>
  hosts.map((host, at) => ({ index: first + at, url: `https://${host}/${at}` }));

const indexes = (slices: readonly (readonly SliceRequest[])[]): number[][] =>
  slices.map((slice) => slice.map(({ index }) => index));

test('gives a host with many requests slices of its own, and lets the others share', () => {
  const window = windowOf(['a', 'b', 'a', 'c', 'a', 'b', 'a', 'd'], 10);
  expect(indexes(planSlices(window, limits))).toEqual([[10, 12, 14], [11, 13, 15], [16], [17]]);
});

test('cuts a slice before it grows too heavy, yet takes a request that is heavy alone', () => {
  const heavy = windowOf(['a', 'a', 'a', 'a']).map((request) => ({ ...request, bytes: new Uint8Array(600) }));
  expect(indexes(planSlices(heavy, { ...limits, bytes: 1000 }))).toEqual([[0], [1], [2], [3]]);
  expect(indexes(planSlices(heavy, { ...limits, bytes: 10 }))).toEqual([[0], [1], [2], [3]]);
  expect(indexes(planSlices(heavy, { ...limits, bytes: 1300 }))).toEqual([
    [0, 1],
    [2, 3],
  ]);
});

test('cuts requests of a higher priority into earlier slices, those of one priority as ever', () => {
  const window = windowOf(['a', 'a', 'a', 'a', 'a', 'b', 'a', 'b'], 10);
  const priorities = [undefined, 90, 50, 10, 90, 90, 10, 90];
  const mixed = window.map((request, at) => {
    const priority = priorities[at];
    return priority === undefined ? request : { ...request, priority };
  });
  expect(indexes(planSlices(mixed, limits))).toEqual([[11, 14, 15], [17], [10, 12], [13, 16]]);
  expect(indexes(planSlices(mixed, { ...limits, priority: 95 }))[0]).toEqual([10]);
});

test('cuts the first 25,000 of a batch small, so that a small batch is for several workers', () => {
  const sizesFrom = (first: number, size: number): number[] => {
    const window = windowOf(
      Array.from({ length: 1000 }, () => 'a'),
      first,
    );
    return planSlices(window, { ...limits, size }).map(({ length }) => length);
  };
  expect(sizesFrom(0, 500)).toEqual([250, 250, 250, 250]);
  expect(sizesFrom(24_999, 500)).toEqual([250, 250, 250, 250]);
  expect(sizesFrom(25_000, 500)).toEqual([500, 500]);
  expect(sizesFrom(25_000, 100)).toHaveLength(10);
  expect(sizesFrom(0, 100)).toHaveLength(10);
});

test('has every index exactly once, in order within a slice, slices by first index, none too large', () => {
  const host = fc.constantFrom('a', 'b', 'c', 'd', 'e.example', 'f');
  fc.assert(
    fc.property(fc.array(host, { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (hosts, size) => {
      const slices = indexes(planSlices(windowOf(hosts), { size, bytes: 1000, priority: 50 }));
      expect(slices.flat().toSorted((a, b) => a - b)).toEqual(hosts.map((_, at) => at));
      for (const slice of slices) {
        expect(slice.length).toBeGreaterThan(0);
        expect(slice.length).toBeLessThanOrEqual(size);
        expect(slice).toEqual(slice.toSorted((a, b) => a - b));
      }
      const firsts = slices.map(([first]) => first ?? -1);
      expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
      expect(slices.length).toBeLessThanOrEqual(2 * Math.ceil(hosts.length / size) + 1);
    }),
  );
});
