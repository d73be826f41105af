import { expect, test } from '@jest/globals';
import { createRandom } from '../../../chaos/random.ts';
import { wishOf } from '../../../chaos/scenarios/torn-file.ts';
import type { Wish } from '../../../chaos/stubborn-client.ts';

const wishes = (seed: number, count?: number): readonly Wish[] => {
  const random = createRandom(seed);
  return Array.from({ length: 64 }, (_, at) => wishOf(random, at + 1, count));
};

test('wants batches of every kind, each with a name of its own', () => {
  const all = wishes(1);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  expect(new Set(all.map(({ steer }) => steer))).toEqual(new Set(['leave', 'pause', 'cancel']));
  expect(all.some(({ more }) => more !== undefined && 'notBefore' in more)).toBe(true);
  expect(all.filter(({ total }) => total > 5000).map(({ name }) => name)).toEqual(['1', '33']);
  expect(all.every(({ total }) => total >= 1 && (total <= 200 || total === 5100))).toBe(true);
});

test('wants the same for the same seed, and as many URLs as it is told', () => {
  const sizes = (seed: number, count?: number): number[] => wishes(seed, count).map(({ total }) => total);
  expect(sizes(7)).toEqual(sizes(7));
  expect(sizes(7)).not.toEqual(sizes(8));
  expect(Math.max(...sizes(7, 30))).toBe(30);
});
