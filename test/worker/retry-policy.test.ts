import { describe, expect, test } from '@jest/globals';
import type { Outcome, ResolvedRequest } from '../../worker/outcome.ts';
import { attemptEntry } from '../../worker/result-of.ts';
import { decide, type Verdict } from '../../worker/retry-policy.ts';
import { attempts, failure, resolved, response } from '../support/outcomes.ts';

const now = 1_700_000_000_000;

/** After `tries` attempts that all came to this. */
const verdict = (
  outcome: Outcome,
  request: Partial<ResolvedRequest> = {},
  tries = 1,
  random = 0.5,
): Verdict =>
  after(
    Array.from({ length: tries }, () => outcome),
    request,
    random,
  );

/** After attempts that came to these, the last of them now. */
const after = (outcomes: readonly Outcome[], request: Partial<ResolvedRequest> = {}, random = 0.5): Verdict =>
  decide({
    request: resolved(request),
    outcome: outcomes.at(-1) ?? response(200),
    attempts: outcomes.map((outcome) => attemptEntry(outcome, 0, now)),
    now,
    expiresAt: now + 3_600_000,
    random,
  });

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

test('a host that is asked less often for a while is asked again at that time, not before', () => {
  const at = (seconds: string): unknown => verdict(response(429, { headers: ['retry-after', seconds] }));
  expect(at('3000')).toEqual({ is: 'again', afterMs: 3_000_000 });
  expect(at('0')).toEqual({ is: 'again', afterMs: 1000 });
});

test('without a time, who was throttled waits twice as long as others, up to a minute', () => {
  const longest = (tries: number): unknown => verdict(response(429), {}, tries, 1);
  expect(longest(1)).toEqual({ is: 'again', afterMs: 2000 });
  expect(longest(2)).toEqual({ is: 'again', afterMs: 4000 });
  expect(longest(9)).toEqual({ is: 'again', afterMs: 60_000 });
  const mixed = [response(429), response(429), response(429), response(500)];
  expect(after(mixed, {}, 1)).toEqual({ is: 'again', afterMs: 1000 });
});

test('nothing is tried again after the batch has expired', () => {
  const busy = response(503, { headers: ['retry-after', '7'] });
  const situation = { request: resolved(), outcome: busy, attempts: attempts(now), now, random: 0.5 };
  expect(decide({ ...situation, expiresAt: now + 7001 }).is).toBe('again');
  expect(decide({ ...situation, expiresAt: now + 7000 })).toEqual({
    is: 'final',
    failure: {
      code: 'http_status',
      message:
        'the status 503 is not among 200-399; the host asks for a wait of 7 s, more than is left until the batch expires',
    },
  });
  const broken = { ...situation, outcome: failure('timed_out') };
  expect(decide({ ...broken, expiresAt: now + 10 })).toEqual({
    is: 'final',
    failure: failure('timed_out').failure,
  });
});

describe('every kind of trouble has a budget', () => {
  const busy = response(429);
  const [lost, bad] = [failure('connection_lost'), response(500)];
  const repeat = (outcome: Outcome, times: number): Outcome[] => Array.from({ length: times }, () => outcome);
  const retries = { throttled: 2, network: 1, status: 1 };

  test.each([
    ['throttled, up to its own', [busy, busy], {}, 'again'],
    ['throttled, past its own', [busy, busy, busy], {}, 'final'],
    ['throttled, the last attempt long used up', [lost, bad, busy], { maxAttempts: 2 }, 'again'],
    [
      'throttled never, where there is to be a single attempt',
      [busy],
      { retries: { ...retries, throttled: 0 } },
      'final',
    ],
    ['network, up to its own', [lost], {}, 'again'],
    ['network, past its own', [lost, lost], {}, 'final'],
    ['status, up to its own', [lost, busy, bad], {}, 'again'],
    ['status, past its own', [bad, lost, bad], {}, 'final'],
    ['network and status share the attempts', [lost, bad], { maxAttempts: 2 }, 'final'],
    ['throttled attempts are not among them', [busy, lost, busy, bad], { maxAttempts: 3 }, 'again'],
  ] as const)('%s', (_, outcomes, request, is) => {
    expect(after(outcomes, { maxAttempts: 9, retries, ...request }).is).toBe(is);
  });

  test('which for throttling is ten retries by default', () => {
    expect(after(repeat(busy, 10)).is).toBe('again');
    expect(after(repeat(busy, 11)).is).toBe('final');
  });

  test('503 is throttling only where it asks for a wait', () => {
    const waits = response(503, { headers: ['retry-after', '2'] });
    expect(after(repeat(waits, 5)).is).toBe('again');
    expect(after(repeat(response(503), 5)).is).toBe('final');
  });
});

test.each([
  ['the next attempt would start in time', 8501, 'again'],
  ['or would not, counted from the start of the first one', 8500, 'final'],
])('the whole request has a limit: %s', (_, withinMs, is) => {
  const busy = response(503, { headers: ['retry-after', '7'] });
  const log = attempts(now - 1500, now - 300);
  const situation = { outcome: busy, attempts: log, now, expiresAt: now + 3_600_000, random: 0.5 };
  const decided = decide({ ...situation, request: resolved({ withinMs }) });
  expect(decided.is).toBe(is);
  if (decided.is === 'final')
    expect(decided.failure?.message).toMatch(
      /asks for a wait of 7 s, more than is left of the 8500 ms for the whole request$/,
    );
});
