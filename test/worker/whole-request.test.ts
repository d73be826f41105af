import { expect, test } from '@jest/globals';
import { cutToWhole, outOfTime, wholeEndsAt } from '../../worker/whole-request.ts';
import { attempts, resolved } from '../support/outcomes.ts';

const at = 1_700_000_000_000;
const now = (): number => at;

test('a request without a limit for the whole is left as it is, at any time', () => {
  const request = resolved();
  expect(cutToWhole(request, attempts(at - 1e9), now)).toBe(request);
  expect(wholeEndsAt(request, attempts(at))).toBe(Infinity);
});

test('nothing counts before the first attempt, which may take all there is', () => {
  const request = resolved({ timeoutMs: 60_000, withinMs: 5000 });
  expect(wholeEndsAt(request, [])).toBe(Infinity);
  expect(cutToWhole(request, [], now)).toEqual({ ...request, timeoutMs: 5000, isCut: true });
});

test.each([
  ['an attempt that fits into what is left keeps its timeout', 7000, { timeoutMs: 3000 }],
  ['one that does not is cut to it', 7001, { timeoutMs: 2999, isCut: true }],
  ['to the last millisecond', 9999, { timeoutMs: 1, isCut: true }],
  ['and none starts once the whole is over', 10_000, undefined],
])('%s', (_, elapsedMs, expected) => {
  const request = resolved({ timeoutMs: 3000, withinMs: 10_000 });
  const cut = cutToWhole(request, attempts(at - elapsedMs, at - 10), now);
  expect(cut).toEqual(expected && { ...request, ...expected });
});

test('says what the whole request had', () => {
  expect(outOfTime({ withinMs: 500 })).toEqual({
    code: 'timed_out',
    message: 'the whole request had 500 ms, its retries included',
  });
});
