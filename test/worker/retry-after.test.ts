import { expect, test } from '@jest/globals';
import { retryAfterMs } from '../../worker/retry-after.ts';

const now = Date.parse('2026-11-21T10:00:00Z');

test.each([
  ['seconds', 503, ['retry-after', '7'], 7000],
  ['zero', 503, ['retry-after', '0'], 0],
  ['a date', 503, ['retry-after', 'Sat, 21 Nov 2026 10:00:05 GMT'], 5000],
  ['surrounding spaces', 503, ['retry-after', ' 3 '], 3000],
  ['ten years, capped at a minute', 429, ['retry-after', '315360000'], 60_000],
  ['a far date, capped at a minute', 503, ['retry-after', 'Sun, 21 Nov 2027 10:00:05 GMT'], 60_000],
  ['a negative number', 503, ['retry-after', '-5'], undefined],
  ['a fraction', 503, ['retry-after', '1.5'], undefined],
  ['words', 503, ['retry-after', 'soon'], undefined],
  ['a date in the past', 503, ['retry-after', 'Fri, 21 Nov 2025 10:00:05 GMT'], undefined],
  ['nothing', 503, [], undefined],
  ['RateLimit-Reset when throttled', 429, ['ratelimit-reset', '4'], 4000],
  ['RateLimit-Reset otherwise', 500, ['ratelimit-reset', '4'], undefined],
  ['Retry-After before RateLimit-Reset', 429, ['ratelimit-reset', '4', 'retry-after', '2'], 2000],
] as const)('%s', (_, status, headers, expected) => {
  expect(retryAfterMs({ status, headers }, now)).toBe(expected);
});
