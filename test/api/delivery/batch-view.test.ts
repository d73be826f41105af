import { expect, test } from '@jest/globals';
import { toBatchView } from '../../../api/delivery/batch-view.ts';
import { batchRecord } from '../../support/batches.ts';

const record = batchRecord({
  owner: 'alice',
  counts: { total: 4, pending: 4, running: 0, succeeded: 0, failed: 0, cancelled: 0, expired: 0 },
  createdAt: Date.UTC(2026, 0, 1),
  expiresAt: Date.UTC(2026, 0, 2),
});

const now = Date.UTC(2026, 0, 1, 12);

test('shows what is not there yet as null', () => {
  expect(toBatchView(record, now)).toEqual({
    id: record.id,
    name: null,
    status: 'queued',
    counts: record.counts,
    duplicates: null,
    progress: 0,
    throughput: { recentPerSecond: null, meanPerSecond: null },
    eta: null,
    statuses: {},
    failures: {},
    priority: 50,
    perHost: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    notBefore: null,
    startedAt: null,
    endedAt: null,
    expiresAt: '2026-01-02T00:00:00.000Z',
    timing: { queuedMs: null, runMs: null },
    metadata: {},
    links: {
      self: `/v1/batches/${record.id}`,
      results: `/v1/batches/${record.id}/results`,
      events: `/v1/batches/${record.id}/events`,
      cancel: `/v1/batches/${record.id}/cancel`,
      pause: `/v1/batches/${record.id}/pause`,
    },
  });
});

test('shows how far a batch is and how long it took', () => {
  const running = {
    ...record,
    startedAt: record.createdAt + 20,
    counts: { ...record.counts, pending: 1, running: 2, failed: 1 },
  };
  expect(toBatchView(running, now)).toMatchObject({
    status: 'running',
    progress: 0.25,
    timing: { queuedMs: 20, runMs: null },
  });
  const ended = { ...running, endedAt: record.createdAt + 120, closedAs: 'expired' as const };
  expect(toBatchView(ended, now)).toMatchObject({ status: 'expired', timing: { queuedMs: 20, runMs: 100 } });
});

test('shows what was asked of its scheduling', () => {
  const perHost = { concurrency: 4 };
  const view = toBatchView({ ...record, priority: 80, perHost, notBefore: now }, now);
  expect(view).toMatchObject({ priority: 80, perHost, notBefore: '2026-01-01T12:00:00.000Z' });
});

test('says nothing of its owner or of how it is stored', () => {
  expect(JSON.stringify(toBatchView(record, now))).not.toMatch(/owner|alice|slices|retention/);
});

test('never shows the defaults, which may hold credentials', () => {
  const defaults = { proxy: 'http://ann:secret@proxy.example', headers: { authorization: 'secret' } };
  expect(JSON.stringify(toBatchView({ ...record, defaults }, now))).not.toMatch(/secret|proxy/);
});
