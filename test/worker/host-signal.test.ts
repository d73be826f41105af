import { describe, expect, test } from '@jest/globals';
import type { FailureCode } from '../../shared/failure.ts';
import { hostSignal } from '../../worker/host-signal.ts';
import { failure, response } from '../support/outcomes.ts';

const now = Date.parse('2026-11-21T10:00:00Z');
const until = now + 7000;

describe('a response', () => {
  test.each([
    [200, [], { is: 'fine' }],
    [302, [], { is: 'fine' }],
    [404, [], { is: 'fine' }],
    [200, ['ratelimit', '"default";r=0;t=7'], { is: 'fine', until }],
    [200, ['ratelimit-remaining', '0', 'ratelimit-reset', '7'], { is: 'fine', until }],
    [200, ['ratelimit-remaining', '4', 'ratelimit-reset', '7'], { is: 'fine' }],
    [202, ['retry-after', '7'], { is: 'fine' }],
    [429, [], { is: 'throttled' }],
    [429, ['retry-after', '0'], { is: 'throttled' }],
    [429, ['retry-after', '7'], { is: 'throttled', until }],
    [429, ['retry-after', 'Sat, 21 Nov 2026 10:00:07 GMT'], { is: 'throttled', until }],
    [429, ['ratelimit', 'limit=9, remaining=0, reset=7'], { is: 'throttled', until }],
    [503, ['retry-after', '7'], { is: 'throttled', until }],
    [503, ['ratelimit-reset', '7'], { is: 'throttled', until }],
    [503, ['retry-after', '0'], { is: 'overloaded' }],
    [503, [], { is: 'overloaded' }],
    [504, [], { is: 'overloaded' }],
    [500, ['retry-after', '7'], { is: 'neutral' }],
    [502, [], { is: 'neutral' }],
  ] as const)('of %i with %j', (status, headers, expected) => {
    expect(hostSignal(response(status, { headers }), now)).toEqual(expected);
  });
});

describe('a failure', () => {
  const overloaded: readonly FailureCode[] = ['connect_failed', 'connection_lost', 'timed_out'];
  const neutral: readonly FailureCode[] = [
    'invalid_request',
    'blocked_address',
    'dns_failed',
    'tls_failed',
    'invalid_response',
    'body_too_large',
    'too_many_redirects',
    'cancelled',
    'internal',
  ];
  test.each(overloaded)('%s: the host does not keep up', (code) => {
    expect(hostSignal(failure(code), now)).toEqual({ is: 'overloaded' });
  });
  test.each(neutral)('%s says nothing of what the host can bear', (code) => {
    expect(hostSignal(failure(code), now)).toEqual({ is: 'neutral' });
  });

  test('after the head of a refusal is a refusal', () => {
    const head = { status: 429, headers: ['retry-after', '7'] };
    expect(hostSignal(failure('connection_lost', { response: head }), now)).toEqual({
      is: 'throttled',
      until,
    });
  });
});
