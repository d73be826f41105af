import { expect, test } from '@jest/globals';
import { createRandom } from '../../../chaos/random.ts';
import { wishesOf } from '../../../chaos/scenarios/torn-file.ts';

test('wants batches of every kind, each with a name of its own', () => {
  const random = createRandom(1);
  const wishes = Array.from({ length: 9 }, (_, round) => wishesOf(random, round)).flat();
  expect(new Set(wishes.map(({ name }) => name)).size).toBe(wishes.length);
  expect(new Set(wishes.map(({ steer }) => steer))).toEqual(new Set(['leave', 'pause', 'cancel']));
  expect(wishes.filter(({ total }) => total > 5000).map(({ name }) => name)).toEqual(['0-large', '8-large']);
  expect(wishes.every(({ total }) => total >= 1 && (total <= 200 || total === 5100))).toBe(true);
});

test('wants the same for the same seed, and as many URLs as it is told', () => {
  const sizes = (seed: number, count?: number): number[] =>
    wishesOf(createRandom(seed), 0, count).map(({ total }) => total);
  expect(sizes(7)).toEqual(sizes(7));
  expect(sizes(7)).not.toEqual(sizes(8));
  expect(Math.max(...sizes(7, 30))).toBe(30);
});
