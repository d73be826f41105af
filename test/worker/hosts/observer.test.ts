import { expect, test } from '@jest/globals';
import { createObserver } from '../../../worker/hosts/observer.ts';
import type { HostEvent } from '../../../worker/hosts/host-event.ts';
import { Pool } from '../../../worker/hosts/pool.ts';
import type { Outcome, ResolvedRequest } from '../../../worker/outcome.ts';
import { failure, resolved, response } from '../../support/outcomes.ts';

const host = 'http://a.test';

/** What one outcome comes to. */
const observe = (outcome: Outcome, request: Partial<ResolvedRequest> = {}) => {
  const pools = new Map(
    [host, 'http://b.test'].map((name) => [
      name,
      new Pool(name, { concurrency: 8, start: 8, intervalMs: 0 }, 0),
    ]),
  );
  const events: HostEvent[] = [];
  const blocked: unknown[] = [];
  const observer = createObserver({
    pools: { get: (name) => pools.get(name), hear: (event) => events.push(event) },
    store: { block: async (...call) => void blocked.push(call) },
    onError: () => {},
  });
  observer(host, resolved({ url: `${host}/`, ...request }), outcome);
  const reports = Object.fromEntries([...pools].map(([name, pool]) => [name, pool.takeReport()]));
  return { a: reports[host], b: reports['http://b.test'], events, blocked };
};

test('an accepted response is a success of its host, with the time it took', () => {
  expect(observe(response(200)).a).toMatchObject({ successes: 1, overloads: 0, meanMs: 6 });
});

test.each([
  ['429', response(429), 'http_status'],
  ['503', response(503), 'http_status'],
  ['a timeout', failure('timed_out'), 'timed_out'],
  ['a reset', failure('connection_lost'), 'connection_lost'],
])('%s is an overload', (_, outcome, lastFailure) => {
  expect(observe(outcome).a).toMatchObject({ successes: 0, overloads: 1, lastFailure });
});

test('a Retry-After blocks the host here at once, and everywhere', () => {
  const { a, events, blocked } = observe(response(503, { headers: ['retry-after', '3'] }));
  expect(events).toEqual([{ is: 'blocked', host, ms: 3000 }]);
  expect(blocked).toEqual([[host, 3000, 'it answered 503 and asked for a wait']]);
  expect(a).toMatchObject({ overloads: 0 });
});

test('a host is asked again within the hour, whatever it said', () => {
  const { events } = observe(response(429, { headers: ['retry-after', '315360000'] }));
  expect(events).toEqual([{ is: 'blocked', host, ms: 3_600_000 }]);
});

test('an outcome after a redirect speaks of the host that gave it', () => {
  const redirects = [{ url: `${host}/`, status: 302 }];
  const { a, b } = observe(response(503, { redirects, finalUrl: 'http://b.test/x' }));
  expect(a).toMatchObject({ overloads: 0 });
  expect(b).toMatchObject({ overloads: 1 });
});

test.each([
  ['went through a proxy', failure('connect_failed'), { proxy: 'http://127.0.0.1:3128' }],
  ['was hardly given time', failure('timed_out'), { timeoutMs: 50 }],
  ['had little left of its whole', failure('timed_out'), { isCut: true, timeoutMs: 5000 }],
  ['was cancelled', failure('cancelled'), {}],
])('nothing is learned from an attempt that %s', (_, outcome, request) => {
  expect(observe(outcome, request).a).toMatchObject({ successes: 0, overloads: 0 });
});
