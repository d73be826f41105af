import { expect, test } from '@jest/globals';
import { failure, response } from '../support/outcomes.ts';
import { isThrottled, retryAfterMs } from '../../worker/retry-after.ts';

const now = Date.parse('2026-11-21T10:00:00Z');

test.each([
  ['seconds', 503, ['retry-after', '7'], 7000],
  ['zero', 503, ['retry-after', '0'], 0],
  ['a date', 503, ['retry-after', 'Sat, 21 Nov 2026 10:00:05 GMT'], 5000],
  ['surrounding spaces', 503, ['retry-after', ' 3 '], 3000],
  ['ten years', 429, ['retry-after', '315360000'], 315_360_000_000],
  ['a date in the second form', 503, ['retry-after', 'Saturday, 21-Nov-26 10:00:05 GMT'], 5000],
  ['a date in the third form', 503, ['retry-after', 'Sat Nov 21 10:00:05 2026'], 5000],
  ['a negative number', 503, ['retry-after', '-5'], undefined],
  ['a fraction', 503, ['retry-after', '1.5'], undefined],
  ['words', 503, ['retry-after', 'soon'], undefined],
  ['a date in the past', 503, ['retry-after', 'Fri, 21 Nov 2025 10:00:05 GMT'], undefined],
  ['nothing', 503, [], undefined],
  ['RateLimit when throttled', 429, ['ratelimit', '"a";r=0;t=4'], 4000],
  ['RateLimit-Reset when throttled', 429, ['ratelimit-reset', '4'], 4000],
  ['RateLimit-Reset otherwise', 500, ['ratelimit-reset', '4'], undefined],
  ['Retry-After before RateLimit-Reset', 429, ['ratelimit-reset', '4', 'retry-after', '2'], 2000],
] as const)('%s', (_, status, headers, expected) => {
  expect(retryAfterMs({ status, headers }, now)).toBe(expected);
});

test.each([
  ['429', response(429), true],
  ['503 with a wait', response(503, { headers: ['retry-after', '7'] }), true],
  ['503 with a wait of nothing', response(503, { headers: ['retry-after', '0'] }), false],
  ['503', response(503), false],
  ['500 with a wait', response(500, { headers: ['retry-after', '7'] }), false],
  ['429 cut off', failure('connection_lost', { response: { status: 429, headers: [] } }), true],
  ['no response', failure('timed_out'), false],
])('throttled or not: %s', (_, outcome, expected) => expect(isThrottled(outcome, now)).toBe(expected));
