import { describe, expect, test } from '@jest/globals';
import type { Outcome, ResolvedRequest } from '../../worker/outcome.ts';
import { decide, type Verdict } from '../../worker/retry-policy.ts';
import { attempts, failure, resolved, response } from '../support/outcomes.ts';

const now = 1_700_000_000_000;

const verdict = (
  outcome: Outcome,
  request: Partial<ResolvedRequest> = {},
  tries = 1,
  random = 0.5,
): Verdict => {
  const log = attempts(...Array.from({ length: tries }, () => now - 500));
  return decide({
    request: resolved(request),
    outcome,
    attempts: log,
    now,
    expiresAt: now + 3_600_000,
    random,
  });
};

test('an accepted status is final and bears no failure', () => {
  for (const status of [200, 204, 304, 399]) expect(verdict(response(status))).toEqual({ is: 'final' });
});

test('a status that is not accepted fails with http_status, and says what was accepted', () => {
  expect(verdict(response(404))).toEqual({
    is: 'final',
    failure: { code: 'http_status', message: 'the status 404 is not among 200-399' },
  });
});

test('acceptStatus makes any status a success, also one that would be retried', () => {
  expect(verdict(response(503), { acceptStatus: '200,503' })).toEqual({ is: 'final' });
});

describe('statuses of a passing condition are tried again', () => {
  test.each([408, 425, 429, 500, 502, 503, 504])('%i', (status) => {
    expect(verdict(response(status)).is).toBe('again');
  });
  test.each([400, 401, 403, 404, 410, 501, 505])('but not %i', (status) => {
    expect(verdict(response(status)).is).toBe('final');
  });
});

describe('failures of a passing condition are tried again', () => {
  test.each(['dns_failed', 'connect_failed', 'timed_out', 'connection_lost'] as const)('%s', (code) => {
    expect(verdict(failure(code)).is).toBe('again');
    expect(verdict(failure(code, { isTransient: false })).is).toBe('final');
  });
  test.each([
    'invalid_request',
    'blocked_address',
    'tls_failed',
    'body_too_large',
    'too_many_redirects',
    'invalid_response',
    'internal',
  ] as const)('but not %s', (code) => expect(verdict(failure(code)).is).toBe('final'));
});

test('the last attempt is final, with the failure it ended in', () => {
  expect(verdict(failure('timed_out'), { maxAttempts: 2 }, 1).is).toBe('again');
  expect(verdict(failure('timed_out'), { maxAttempts: 2 }, 2)).toEqual({
    is: 'final',
    failure: { code: 'timed_out', message: 'timed_out' },
  });
});

test('a POST is repeated only where no byte of it was sent, or the user said so', () => {
  expect(verdict(failure('connection_lost'), { method: 'POST' }).is).toBe('final');
  expect(verdict(response(503), { method: 'PATCH' }).is).toBe('final');
  expect(verdict(failure('connect_failed', { wasSent: false }), { method: 'POST' }).is).toBe('again');
  expect(verdict(response(503), { method: 'POST', retryUnsafe: true }).is).toBe('again');
  for (const method of ['HEAD', 'PUT', 'DELETE', 'OPTIONS'] as const) {
    expect(verdict(failure('connection_lost'), { method }).is).toBe('again');
  }
});

test('the wait doubles, with full jitter, up to half a minute', () => {
  const longest = (tries: number): unknown => verdict(response(500), { maxAttempts: 10 }, tries, 1);
  expect(longest(1)).toEqual({ is: 'again', afterMs: 1000 });
  expect(longest(2)).toEqual({ is: 'again', afterMs: 2000 });
  expect(longest(9)).toEqual({ is: 'again', afterMs: 30_000 });
  expect(verdict(response(500), {}, 1, 0)).toEqual({ is: 'again', afterMs: 0 });
});

test('Retry-After beats our own backoff', () => {
  const busy = response(503, { headers: ['retry-after', '7'] });
  expect(verdict(busy)).toEqual({ is: 'again', afterMs: 7000 });
});

test('nothing is tried again after the batch has expired', () => {
  const busy = response(503, { headers: ['retry-after', '7'] });
  const situation = { request: resolved(), outcome: busy, attempts: attempts(now), now, random: 0.5 };
  expect(decide({ ...situation, expiresAt: now + 7001 }).is).toBe('again');
  expect(decide({ ...situation, expiresAt: now + 7000 }).is).toBe('final');
});

test.each([
  ['the next attempt would start in time', 8501, 'again'],
  ['or would not, counted from the start of the first one', 8500, 'final'],
])('the whole request has a limit: %s', (_, withinMs, is) => {
  const busy = response(503, { headers: ['retry-after', '7'] });
  const log = attempts(now - 1500, now - 300);
  const situation = { outcome: busy, attempts: log, now, expiresAt: now + 3_600_000, random: 0.5 };
  expect(decide({ ...situation, request: resolved({ withinMs }) }).is).toBe(is);
});
