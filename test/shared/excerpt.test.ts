import { expect, test } from '@jest/globals';
import { toExcerpt } from '../../shared/excerpt.ts';
import { failed, resultsOf, succeeded } from '../support/batches.ts';

test('means every result it was made of, in their order, each with its cursor', () => {
  const results = [succeeded(7), failed(3), succeeded(5)];
  const excerpt = toExcerpt(results, ({ index }) => index * 10);
  expect(resultsOf({ excerpts: [excerpt], size: 3, next: 0, isLast: true, isGone: false })).toEqual(results);
  expect(excerpt.places.map((place) => excerpt.cursorAt(place))).toEqual([70, 30, 50]);
});
