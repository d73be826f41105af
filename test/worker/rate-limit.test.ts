import { expect, test } from '@jest/globals';
import { renewalMs } from '../../worker/rate-limit.ts';

const now = Date.parse('2026-11-21T10:00:00Z');

test.each([
  ['three fields', ['ratelimit-limit', '9', 'ratelimit-remaining', '0', 'ratelimit-reset', '4'], 4000],
  ['three fields, something left', ['ratelimit-remaining', '1', 'ratelimit-reset', '4'], undefined],
  ['three fields, not in order', ['ratelimit-reset', '4', 'server', 'x', 'ratelimit-remaining', '0'], 4000],
  ['a reset that is a time', ['ratelimit-remaining', '0', 'ratelimit-reset', `${now / 1000 + 7}`], 7000],
  ['a time in the past', ['ratelimit-remaining', '0', 'ratelimit-reset', `${now / 1000 - 7}`], 0],
  ['a dictionary', ['ratelimit', 'limit=100, remaining=0, reset=5'], 5000],
  ['a dictionary, something left', ['ratelimit', 'limit=100, remaining=3, reset=5'], undefined],
  ['a list', ['ratelimit', '"default";r=0;t=30'], 30_000],
  ['a list, something left', ['ratelimit', '"default";r=50;t=30'], undefined],
  ['a list, spaced', ['ratelimit', '"default" ; r=0 ; t=30'], 30_000],
  ['a list without a window', ['ratelimit', '"default";r=0'], undefined],
  ['a list with names like its syntax', ['ratelimit', '"a,\\";r=0;t=9";r=1;t=2, "reset=8";r=0;t=3'], 3000],
  ['the longest of those used up', ['ratelimit', '"s";r=0;t=3,"h";r=7;t=900,"m";r=0;t=40'], 40_000],
  ['a list over two fields', ['ratelimit', '"s";r=0;t=3', 'ratelimit', '"m";r=0;t=40'], 40_000],
  ['a partition', ['ratelimit', '"d";r=0;t=6;pk=:QXBwLTk5OQ==:'], 6000],
  ['what a cache kept', ['age', '3', 'ratelimit', '"default";r=0;t=30'], undefined],
  ['what a cache just took', ['age', '0', 'ratelimit', '"default";r=0;t=30'], 30_000],
  ['nonsense', ['ratelimit', 'r=0;t=5'], undefined],
  ['a negative number', ['ratelimit-remaining', '0', 'ratelimit-reset', '-4'], undefined],
  ['a number left that is none', ['ratelimit-remaining', 'none', 'ratelimit-reset', '4'], undefined],
  ['nothing', ['server', 'x'], undefined],
] as const)('%s', (_, headers, expected) => {
  expect(renewalMs(headers, now, false)).toBe(expected);
});

test('a refusal makes a reset count that does not say what remains', () => {
  expect(renewalMs(['ratelimit-reset', '4'], now, false)).toBeUndefined();
  expect(renewalMs(['ratelimit-reset', '4'], now, true)).toBe(4000);
  expect(renewalMs(['ratelimit-remaining', '2', 'ratelimit-reset', '4'], now, true)).toBeUndefined();
});
