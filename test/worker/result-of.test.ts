import { expect, test } from '@jest/globals';
import { attemptEntry, endedBetweenAttempts, resultOf } from '../../worker/result-of.ts';
import { failure, resolved, response } from '../support/outcomes.ts';

const acceptedAt = 1_699_999_999_900;
const now = 1_700_000_000_006;

test('a response becomes a success with its head, its body and its timings', () => {
  const outcome = response(200, { headers: ['etag', '"a"'] });
  const attempts = [attemptEntry(outcome, 0, now)];
  expect(
    resultOf({
      request: resolved({ index: 7, id: 'x' }),
      slice: 2,
      outcome,
      failure: undefined,
      attempts,
      acceptedAt,
    }),
  ).toEqual({
    index: 7,
    slice: 2,
    id: 'x',
    url: 'http://127.0.0.1:1/',
    outcome: 'succeeded',
    status: 200,
    headers: ['etag', '"a"'],
    body: { inline: Buffer.from('ok'), wireBytes: 2, bytes: 2, truncated: false },
    attempts: [{ startedAt: outcome.startedAt, waitMs: 0, totalMs: 6, status: 200 }],
    timings: { queueMs: 100, ...outcome.timings },
  });
});

test('a refused status keeps its response beside the failure', () => {
  const outcome = response(404);
  const why = { code: 'http_status', message: 'no' } as const;
  const result = resultOf({ request: resolved(), slice: 0, outcome, failure: why, attempts: [], acceptedAt });
  expect(result).toMatchObject({ outcome: 'failed', status: 404, failure: why });
  expect(result.body).toBeDefined();
});

test('a failure keeps the head that had arrived, and no body', () => {
  const outcome = failure('body_too_large', { response: { status: 200, headers: ['content-length', '9'] } });
  const result = resultOf({
    request: resolved(),
    slice: 0,
    outcome,
    failure: outcome.failure,
    attempts: [],
    acceptedAt,
  });
  expect(result).toMatchObject({ outcome: 'failed', status: 200, headers: ['content-length', '9'] });
  expect(result.body).toBeUndefined();
});

test('redirects are told with the URL they led to, and only then', () => {
  const outcome = response(200, {
    finalUrl: 'http://127.0.0.1:1/b',
    redirects: [{ url: 'http://127.0.0.1:1/', status: 302 }],
  });
  const ending = { request: resolved(), slice: 0, failure: undefined, attempts: [], acceptedAt };
  expect(resultOf({ ...ending, outcome })).toMatchObject({
    finalUrl: 'http://127.0.0.1:1/b',
    redirects: [{ url: 'http://127.0.0.1:1/', status: 302 }],
  });
  expect(resultOf({ ...ending, outcome: response(200) }).finalUrl).toBeUndefined();
});

test('a clock that is behind Redis gives no negative queue time', () => {
  const ending = { request: resolved(), slice: 0, outcome: response(200), failure: undefined, attempts: [] };
  expect(resultOf({ ...ending, acceptedAt: 1_800_000_000_000 }).timings.queueMs).toBe(0);
});

test('a request that ends without another attempt tells of those it had', () => {
  const reason = { code: 'worker_lost', message: 'gone' } as const;
  const attempts = [attemptEntry(response(503), 0, now), attemptEntry(failure('connection_lost'), 20, now)];
  const ending = { request: resolved({ id: 'x' }), slice: 2, failure: reason, acceptedAt };
  const none = { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, bodyMs: 0 };
  expect(endedBetweenAttempts({ ...ending, attempts })).toEqual({
    index: 0,
    slice: 2,
    id: 'x',
    url: 'http://127.0.0.1:1/',
    outcome: 'failed',
    failure: reason,
    attempts,
    timings: { queueMs: 100, ...none, totalMs: 6 },
  });
  expect(endedBetweenAttempts({ ...ending, attempts: [] }).timings).toEqual({
    queueMs: 0,
    ...none,
    totalMs: 0,
  });
});

test('an attempt that was throttled says so, also when what came was cut off', () => {
  const head = { status: 429, headers: [] };
  expect(attemptEntry(response(429), 0, now)).toMatchObject({ status: 429, throttled: true });
  expect(attemptEntry(failure('connection_lost', { response: head }), 0, now).throttled).toBe(true);
  expect(attemptEntry(response(503), 0, now).throttled).toBeUndefined();
});
