import { expect, test } from '@jest/globals';
import { hostPath, toHostView, type HostView } from '../../../api/delivery/host-view.ts';
import type { HostRecord } from '../../../shared/host-record.ts';

const later = Date.UTC(2026, 0, 1);
const record: HostRecord = {
  host: 'http://a.test:81',
  slowedWhy: '',
  inFlight: 0,
  waiting: 0,
  parkedSlices: 0,
  breaker: 'closed',
  blockedWhy: '',
};

test('shows a host at rest with nothing set', () => {
  expect(toHostView(record)).toEqual({
    host: 'http://a.test:81',
    state: 'idle',
    why: null,
    blockedUntil: null,
    limits: null,
    limit: null,
    inFlight: 0,
    waiting: 0,
    parkedSlices: 0,
    links: { self: '/v1/hosts/http%3A%2F%2Fa.test%3A81' },
  });
});

const slowed = { limit: 20, slowedWhy: 'it is slow' };
const blocked = { blockedUntil: later, blockedWhy: 'it said so' };
const open = {
  breaker: 'open',
  probeAt: later + 1000,
  lastFailure: 'timed_out',
  slowedWhy: 'all failed',
} as const;

test.each<[string, Partial<HostRecord>, Partial<HostView>]>([
  ['in flight', { inFlight: 1 }, { state: 'ok', why: null }],
  ['waited for', { waiting: 1 }, { state: 'ok' }],
  ['waited for on the queue', { parkedSlices: 1 }, { state: 'ok' }],
  ['slowed', { ...slowed, inFlight: 1 }, { state: 'slowed', why: 'it is slow', limit: 20 }],
  ['judged, and allowed as much as ever', { limit: 200, inFlight: 1 }, { state: 'ok', limit: 200 }],
  [
    'blocked',
    { ...slowed, ...blocked, inFlight: 1 },
    { state: 'blocked', why: 'it said so', blockedUntil: '2026-01-01T00:00:00.000Z', limit: 20 },
  ],
  [
    'failing',
    { ...blocked, ...open, limit: 20 },
    {
      state: 'open',
      why: 'all failed, last with timed_out',
      blockedUntil: '2026-01-01T00:00:01.000Z',
      limit: 0,
    },
  ],
  [
    'probed',
    { breaker: 'halfOpen', slowedWhy: 'all failed', limit: 20 },
    { state: 'probing', why: 'all failed', limit: 1 },
  ],
  ['long over its wait', { blockedWhy: 'it said so' }, { state: 'idle', why: null, blockedUntil: null }],
])('a host that is %s', (_, fields, view) => {
  expect(toHostView({ ...record, ...fields })).toMatchObject(view);
});

test('shows what an operator set, which bounds what the controller found', () => {
  const limits = { concurrency: 8 };
  expect(toHostView({ ...record, limits })).toMatchObject({ limits, limit: 8 });
  expect(toHostView({ ...record, limits, limit: 20 })).toMatchObject({ limit: 8 });
  expect(toHostView({ ...record, limits, limit: 3 })).toMatchObject({ limit: 3 });
});

test('a path can be made of every origin', () => {
  expect(hostPath('http://[::1]:8000')).toBe('/v1/hosts/http%3A%2F%2F%5B%3A%3A1%5D%3A8000');
});
