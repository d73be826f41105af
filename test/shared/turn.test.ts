import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { tagOf, weightOf } from '../../shared/turn.ts';

test.each([
  [0, 1 / 32],
  [40, 0.5],
  [50, 1],
  [60, 2],
  [100, 32],
])('a batch of priority %i weighs %d', (priority, weight) => expect(weightOf(priority)).toBe(weight));

test('tags never fall, and are priorities that the queue takes', () => {
  const turns = fc.record({
    start: fc.integer({ min: 1, max: 2_097_151 }),
    spacing: fc.double({ min: 1 / 32, max: 1e6, noNaN: true }),
  });
  fc.assert(
    fc.property(turns, fc.nat(1e6), (turn, n) => {
      const [tag, next] = [tagOf(turn, n), tagOf(turn, n + 1)];
      expect(Number.isInteger(tag)).toBe(true);
      expect(tag).toBeGreaterThanOrEqual(turn.start);
      expect(next).toBeGreaterThanOrEqual(tag);
      expect(next).toBeLessThanOrEqual(2_097_151);
    }),
  );
});

/** Serves slices as the queue does: the lowest tag first, equal ones in the order they came. */
const serve = (): { add(name: string, spacing: number, count: number): void; take(n: number): string } => {
  const line: { name: string; tag: number }[] = [];
  let clock = 1;
  return {
    add(name, spacing, count) {
      for (let n = 0; n < count; n++) line.push({ name, tag: tagOf({ start: clock, spacing }, n) });
    },
    take: (n) =>
      Array.from({ length: n }, () => {
        const lowest = Math.min(...line.map(({ tag }) => tag));
        const [next] = line.splice(
          line.findIndex(({ tag }) => tag === lowest),
          1,
        );
        clock = Math.max(clock, lowest);
        return next?.name;
      }).join(''),
  };
};

test('a small batch behind a large one goes next', () => {
  const queue = serve();
  queue.add('L', 1, 800);
  queue.take(100);
  queue.add('s', 1, 1);
  expect(queue.take(2)).toContain('s');
});

test('batches share by weight, and none is starved by later ones', () => {
  const queue = serve();
  queue.add('a', 1, 100);
  queue.add('b', 1 / weightOf(70), 100);
  const served = queue.take(50);
  expect(served.split('b').length - 1).toBeGreaterThanOrEqual(38);
  expect(served.split('a').length - 1).toBeGreaterThanOrEqual(9);
  const among = serve();
  among.add('L', 1, 50);
  let taken = '';
  for (let i = 0; i < 60; i++) {
    among.add('s', 1, 1);
    taken += among.take(2);
  }
  expect(taken.split('L').length - 1).toBe(50);
});
