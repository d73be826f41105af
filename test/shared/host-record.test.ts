import { describe, expect, test } from '@jest/globals';
import { toHostRecord, workersOf, type HostRecord, type HostSighting } from '../../shared/host-record.ts';

const now = 1_700_000_000_000;
const sighting = (fields: HostSighting['fields'], more: Partial<HostSighting> = {}): HostSighting => ({
  host: 'http://a.test',
  fields,
  parkedSlices: 0,
  limits: undefined,
  now,
  isListening: () => false,
  ...more,
});
const recordOf = (fields: HostSighting['fields'], more?: Partial<HostSighting>): HostRecord =>
  toHostRecord(sighting(fields, more));

test('a host of which nothing is known is at rest', () => {
  expect(recordOf({})).toEqual({
    host: 'http://a.test',
    slowedWhy: '',
    inFlight: 0,
    waiting: 0,
    parkedSlices: 0,
    breaker: 'closed',
    blockedWhy: '',
  });
});

test('adds up what workers hold, and what they want beyond that', () => {
  const record = recordOf({
    'w:one': `4 10 ${now - 50}`,
    'w:two': `3 3 ${now - 400}`,
    'w:x:y': `2 1 ${now}`,
  });
  expect(record).toMatchObject({ inFlight: 9, waiting: 6 });
});

test.each([
  [400, false, true],
  [600, false, false],
  [600, true, true],
  [9900, true, true],
  [10_100, true, false],
])('counts a worker heard of %i ms ago, listening: %s, as alive: %s', (age, isListening, isAlive) => {
  const record = recordOf({ 'w:one': `4 4 ${now - age}` }, { isListening: () => isListening });
  expect(record.inFlight).toBe(isAlive ? 4 : 0);
});

test('knows the workers, whatever their names', () => {
  expect(workersOf({ limit: '4', 'w:host:1:uuid': `4 4 ${now}`, next: '5' })).toEqual(['host:1:uuid']);
});

test('shows the decision of the controller and its reason', () => {
  const fields = { limit: '23', ctl: '{"limit":23,"why":"its answers take long"}', code: 'timed_out' };
  expect(recordOf(fields)).toMatchObject({
    limit: 23,
    slowedWhy: 'its answers take long',
    lastFailure: 'timed_out',
  });
});

test('passes over a reason that another version wrote', () => {
  expect(recordOf({ limit: '23', ctl: '{"because":4}', code: 'tired' })).not.toHaveProperty('lastFailure');
  expect(recordOf({ limit: '23', ctl: '{"because":4}' })).toMatchObject({ limit: 23, slowedWhy: '' });
});

describe('times', () => {
  test('an open breaker lets a probe through when its time has come', () => {
    expect(recordOf({ open: String(now + 5) })).toMatchObject({ breaker: 'open', probeAt: now + 5 });
    const halfOpen = recordOf({ open: String(now) });
    expect([halfOpen.breaker, halfOpen.probeAt]).toEqual(['halfOpen', undefined]);
  });

  test('a wait ends', () => {
    const fields = { until: String(now + 5), why: 'it answered 503' };
    expect(recordOf(fields)).toMatchObject({ blockedUntil: now + 5, blockedWhy: 'it answered 503' });
    expect(recordOf(fields, { now: now + 5 }).blockedUntil).toBeUndefined();
  });
});
