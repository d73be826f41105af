import { expect, test } from '@jest/globals';
import { areRight, finalCount, type Counts } from '../../chaos/counts.ts';

const counts = (more: Counts = {}): Counts => ({
  total: 10,
  pending: 10,
  running: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  expired: 0,
  ...more,
});

test('sums what is final, whichever way it ended', () => {
  expect(finalCount(counts())).toBe(0);
  expect(finalCount(counts({ pending: 0, succeeded: 4, failed: 3, cancelled: 2, expired: 1 }))).toBe(10);
});

test.each<[string, Counts, Counts | undefined, boolean]>([
  ['all pending', counts(), undefined, true],
  ['some of each', counts({ pending: 4, running: 3, succeeded: 2, failed: 1 }), undefined, true],
  ['more done than before', counts({ pending: 5, succeeded: 5 }), counts({ pending: 8, succeeded: 2 }), true],
  ['running again after a crash', counts({ pending: 10 }), counts({ pending: 2, running: 8 }), true],
  ['one too few', counts({ pending: 9 }), undefined, false],
  ['one too many', counts({ succeeded: 1 }), undefined, false],
  ['another total', counts({ total: 11, pending: 11 }), undefined, false],
  ['one below zero', counts({ pending: 11, running: -1 }), undefined, false],
  [
    'a result less than before',
    counts({ pending: 9, succeeded: 1 }),
    counts({ pending: 8, succeeded: 2 }),
    false,
  ],
  ['a result that changed', counts({ pending: 9, failed: 1 }), counts({ pending: 9, succeeded: 1 }), false],
  ['none at all', {}, undefined, false],
])('%s: %j after %j is right: %s', (_, now, before, expected) => {
  expect(areRight(now, before, 10)).toBe(expected);
});
