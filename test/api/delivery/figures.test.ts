import { expect, test } from '@jest/globals';
import { toFigures } from '../../../api/delivery/figures.ts';
import { addExcerpt, createTally } from '../../../api/delivery/tally.ts';
import { toExcerpt } from '../../../shared/excerpt.ts';
import { storedResult } from '../../support/api.ts';
import { batchRecord } from '../../support/batches.ts';

const batch = batchRecord({
  counts: { total: 9, pending: 1, running: 1, succeeded: 5, failed: 2, cancelled: 0, expired: 0 },
  startedAt: 1,
});

test('shows how much was read of how much, and the parts of the time', () => {
  const tally = createTally();
  const results = Array.from({ length: 4 }, (_, i) => storedResult(i));
  addExcerpt(
    tally,
    toExcerpt(results, () => 0),
  );
  const figures = toFigures(batch, tally);
  expect(figures).toMatchObject({ batch: batch.id, status: 'running', results: { stored: 7, read: 4 } });
  expect(figures.time.firstByte).toEqual({ sumMs: 8, share: 0.571, p50: 2, p95: 2, p99: 2 });
  const shares = Object.values(figures.time).reduce((sum, { share }) => sum + share, 0);
  expect(shares).toBeCloseTo(1, 2);
});

test('shows the 20 largest hosts, and those not told apart as one', () => {
  const tally = createTally();
  const urls = Array.from({ length: 1100 }, (_, i) => `https://h${i}.example/`);
  const more = Array.from({ length: 5 }, () => 'https://h7.example/x');
  addExcerpt(
    tally,
    toExcerpt(
      [...urls, ...more].map((url, i) => storedResult(i, { url })),
      () => 0,
    ),
  );
  const { hosts } = toFigures(batch, tally);
  expect(hosts).toHaveLength(20);
  expect(hosts.slice(0, 2).map(({ host, results }) => [host, results])).toEqual([
    [null, 100],
    ['https://h7.example', 6],
  ]);
  expect(hosts[1]?.totalMs).toEqual({ p50: 2.5, p95: 2.5, p99: 2.5 });
});

test('of no results there are no figures, but no nonsense either', () => {
  const figures = toFigures(batch, createTally());
  expect(figures.time.line).toEqual({ sumMs: 0, share: 0, p50: 0, p95: 0, p99: 0 });
  expect([figures.hosts, figures.failures]).toEqual([[], []]);
});
