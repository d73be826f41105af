import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createHistogram } from '../../../api/delivery/histogram.ts';

test('knows percentiles to within 4 %, and sums exactly', () => {
  const values = fc.array(fc.nat(10_000_000), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(values, fc.constantFrom(0.5, 0.95, 0.99, 1), (tenths, part) => {
      const histogram = createHistogram();
      for (const each of tenths) histogram.add(each);
      const sorted = tenths.toSorted((a, b) => a - b);
      const exact = sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
      expect(Math.abs(histogram.percentileMs(part) * 10 - exact)).toBeLessThanOrEqual(
        (exact + 1) * 0.04 + 0.5,
      );
      expect(histogram.sumMs()).toBeCloseTo(tenths.reduce((sum, each) => sum + each, 0) / 10, 5);
    }),
  );
});

test('of nothing, everything is nothing; of ages, it is an age', () => {
  const histogram = createHistogram();
  expect([histogram.percentileMs(0.5), histogram.sumMs()]).toEqual([0, 0]);
  histogram.add(2 ** 40);
  expect(histogram.percentileMs(0.5)).toBeGreaterThan(300_000_000);
});
