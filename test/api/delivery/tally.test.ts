import { expect, test } from '@jest/globals';
import { addExcerpt, createTally, phases, type Tally } from '../../../api/delivery/tally.ts';
import { toExcerpt } from '../../../shared/excerpt.ts';
import type { StoredResult } from '../../../shared/result.ts';
import { storedResult } from '../../support/api.ts';

const tallyOf = (...results: StoredResult[]): Tally => {
  const tally = createTally();
  addExcerpt(
    tally,
    toExcerpt(results, () => 0),
  );
  return tally;
};
const timings = { queueMs: 50, dnsMs: 1, connectMs: 2, tlsMs: 3, ttfbMs: 4, bodyMs: 5, totalMs: 20 };

test('shares the time of each request out among its phases', () => {
  const attempts = [
    { startedAt: 0, waitMs: 0, totalMs: 10, status: 429, throttled: true as const },
    { startedAt: 30, waitMs: 20, totalMs: 20, status: 200 },
  ];
  const tally = tallyOf(storedResult(0, { timings, attempts }), storedResult(1, { timings }));
  expect(phases.map((phase) => [phase, tally.phases[phase].sumMs()])).toEqual([
    ['line', 90],
    ['retries', 10],
    ['dns', 2],
    ['connect', 4],
    ['tls', 6],
    ['firstByte', 8],
    ['body', 10],
    ['other', 10],
  ]);
  expect([tally.results, tally.throttled]).toEqual([2, 1]);
});

test('tells hosts, failures and connections apart', () => {
  const failure = (message: string) => ({ code: 'timed_out', message }) as const;
  const tally = tallyOf(
    storedResult(0, { connection: { reused: true, policy: 'reuse' } }),
    storedResult(1, { outcome: 'failed', failure: failure('one'), url: 'https://b.example/1' }),
    storedResult(2, { outcome: 'failed', failure: failure('two') }),
    storedResult(3, { connection: { reused: false, policy: 'fresh' } }),
  );
  expect([...tally.failures]).toEqual([
    ['timed_out', { count: 2, example: { index: 1, url: 'https://b.example/1', message: 'one' } }],
  ]);
  expect(
    [...tally.hosts].map(([host, { results, failed, reused }]) => [host, results, failed, reused]),
  ).toEqual([
    ['https://example.com', 3, 1, 1],
    ['https://b.example', 1, 1, 0],
  ]);
  expect([tally.reused, tally.fresh]).toEqual([1, 1]);
});

test('counts only the results that are meant', () => {
  const tally = createTally();
  const whole = toExcerpt([storedResult(0), storedResult(1)], () => 0);
  addExcerpt(tally, { ...whole, places: [1] });
  expect(tally.results).toBe(1);
});

test('does not grow with the number of hosts, and takes URLs that are none', () => {
  const results = Array.from({ length: 1200 }, (_, i) => storedResult(i, { url: `https://h${i}.example/` }));
  const tally = tallyOf(...results, storedResult(1200, { url: 'no url' }));
  expect(tally.hosts.size).toBe(1000);
  expect(tally.otherHosts.results).toBe(201);
});
