import { describe, expect, test } from '@jest/globals';
import { assert, integer, property } from 'fast-check';
import { createRandom } from '../../chaos/random.ts';

const draw = (seed: number, count = 20): readonly number[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.between(0, 1));
};

test('says the same for the same seed, and something else for another', () => {
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test('draws what the published generator draws', () => {
  const drawn = draw(1, 3).map((number) => Math.round(number * 2 ** 32));
  expect(drawn).toEqual([2_693_262_067, 11_749_833, 2_265_367_787]);
});

test('stays within its bounds, the ends of whole numbers included', () => {
  assert(
    property(integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
      const random = createRandom(seed);
      const number = random.between(-3, 5);
      expect(number >= -3 && number < 5).toBe(true);
      expect([1, 2, 3]).toContain(random.whole(1, 3));
    }),
  );
  const random = createRandom(1);
  const wholes = Array.from({ length: 200 }, () => random.whole(1, 3));
  expect(new Set(wholes)).toEqual(new Set([1, 2, 3]));
});

test('spreads what it draws evenly', () => {
  const tenths = draw(3, 10_000).map((number) => Math.floor(number * 10));
  const sizes = Array.from({ length: 10 }, (_, tenth) => tenths.filter((each) => each === tenth).length);
  expect(Math.min(...sizes)).toBeGreaterThan(900);
  expect(Math.max(...sizes)).toBeLessThan(1100);
});

describe('a choice', () => {
  test('is any of what there is', () => {
    const random = createRandom(5);
    const picks = Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c']));
    expect(new Set(picks)).toEqual(new Set(['a', 'b', 'c']));
  });

  test('of nothing is refused', () => {
    expect(() => createRandom(5).pick([])).toThrow(new RangeError('nothing to pick from'));
  });
});

test('moments come in order, as many as asked for', () => {
  const moments = createRandom(9).moments(50);
  expect(moments).toHaveLength(50);
  expect(moments).toEqual(moments.toSorted((a, b) => a - b));
  expect(moments.every((moment) => moment >= 0 && moment < 1)).toBe(true);
});

test('a fork depends on its name and the seed, and on nothing that was drawn before', () => {
  const random = createRandom(7);
  const early = random.fork('victims').moments(5);
  random.between(0, 1);
  expect(random.fork('victims').moments(5)).toEqual(early);
  expect(random.fork('kills').moments(5)).not.toEqual(early);
  expect(createRandom(8).fork('victims').moments(5)).not.toEqual(early);
});
