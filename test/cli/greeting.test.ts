import { expect, test } from '@jest/globals';
import { greeting, originOf } from '../../cli/greeting.ts';

const running = { origin: 'http://127.0.0.1:8080', workers: 1, redis: 'Redis 7.0.15', needsKey: false };

test('shows the address, and calls that can be copied', () => {
  const text = greeting(running);
  expect(text).toContain('Fetchfleet is ready: http://127.0.0.1:8080 (1 worker, Redis 7.0.15)');
  expect(text).toContain('curl -sS http://127.0.0.1:8080/v1/batches -H');
  expect(text).toContain('?wait=30');
  expect(text).toContain('/results');
});

test('shows where the key goes where the API asks for one', () => {
  expect(greeting({ ...running, needsKey: true })).toContain('-H "authorization: Bearer $KEY"');
  expect(greeting(running)).not.toContain('authorization');
});

test.each([
  ['127.0.0.1', 'http://127.0.0.1:80'],
  ['0.0.0.0', 'http://localhost:80'],
  ['::', 'http://localhost:80'],
  ['::1', 'http://[::1]:80'],
])('a listener on %s is reached by %s', (host, origin) => {
  expect(originOf(host, 80)).toBe(origin);
});
