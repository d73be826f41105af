import { describe, expect, test } from '@jest/globals';
import type { PermitGrant } from '../../../shared/permit-store.ts';
import { Pool } from '../../../worker/hosts/pool.ts';

const granted = (fields: Partial<PermitGrant> = {}): PermitGrant => ({
  may: 2,
  counted: 2,
  limit: 2,
  isShort: false,
  blockedMs: 0,
  breaker: 'closed',
  firstStartMs: 0,
  starts: 0,
  parked: 0,
  ...fields,
});

const poolWith = (fields: Partial<PermitGrant> = {}, intervalMs = 0): Pool => {
  const pool = new Pool('http://a.test', { concurrency: 2, start: 2, intervalMs }, 0);
  pool.waiting = 10;
  pool.hear(granted(fields), 0);
  return pool;
};

test('lets nothing start before Redis has answered', () => {
  const pool = new Pool('http://a.test', { concurrency: 2, start: 2, intervalMs: 0 }, 0);
  expect(pool.canStart(0)).toBe(false);
  pool.hear(granted(), 0);
  expect(pool.canStart(0)).toBe(true);
});

test('goes on with what it said it keeps while an answer is on its way, but not for long', () => {
  const pool = poolWith({ may: 5, counted: 5 });
  pool.take(0);
  pool.waiting = 2;
  expect(pool.ask(100, 0)).toEqual({ wanted: 3, kept: 3 });
  expect(pool.may).toBe(3);
  expect(pool.canStart(1000)).toBe(true);
  expect(pool.canStart(1001)).toBe(false);
  pool.goWithout();
  expect(pool.canStart(0)).toBe(false);
});

test('lets start as many as it may have, and no more until one has ended', () => {
  const pool = poolWith();
  pool.take(0);
  pool.take(0);
  expect(pool.canStart(0)).toBe(false);
  pool.giveBack(0);
  expect(pool.canStart(0)).toBe(true);
});

test('a wait that was heard of is not shortened by an older answer', () => {
  const pool = poolWith();
  pool.blockFor(3000, 0);
  pool.hear(granted(), 10);
  expect(pool.canStart(2999)).toBe(false);
  expect(pool.startsAt(100)).toBe(3000);
  expect(pool.canStart(3000)).toBe(true);
});

describe('a host with a rate', () => {
  test('lets one start at each time it was given', () => {
    const pool = poolWith({ firstStartMs: 5, starts: 2 }, 20);
    expect(pool.canStart(4)).toBe(false);
    expect(pool.startsAt(4)).toBe(5);
    expect(pool.canStart(5)).toBe(true);
    pool.take(5);
    expect(pool.canStart(24)).toBe(false);
    expect(pool.canStart(25)).toBe(true);
  });

  test('loses a start that was missed, rather than be too fast later', () => {
    const pool = poolWith({ starts: 2 }, 20);
    expect(pool.canStart(1000)).toBe(false);
  });

  test('sends those who wait away where the next start is far', () => {
    expect(poolWith({ firstStartMs: 6000 }, 10_000).hindrance(0)).toEqual({ is: 'later', inMs: 6000 });
    expect(poolWith({ firstStartMs: 4000 }, 10_000).hindrance(0)).toBeUndefined();
  });
});

describe('those who wait', () => {
  test('go on waiting where something is in flight, for it will end', () => {
    const pool = poolWith({ may: 1 });
    pool.take(0);
    expect(pool.hindrance(10_000)).toBeUndefined();
  });

  test('are sent away from a host that asked for a wait, until it is over', () => {
    const pool = poolWith();
    pool.blockFor(60_000, 1000);
    expect(pool.hindrance(1000)).toEqual({ is: 'later', inMs: 60_000 });
    expect(pool.hindrance(57_000)).toBeUndefined(); // the rest is short enough to stand it out
  });

  test('are sent away where no permit is to be had, each time for longer', () => {
    const pool = poolWith({ may: 0 });
    expect(pool.hindrance(100)).toBeUndefined();
    expect(pool.hindrance(300)).toEqual({ is: 'later', inMs: 250 });
    expect(pool.hindrance(900)).toEqual({ is: 'later', inMs: 500 });
  });

  test('fail where the breaker is open, and hear what the host last did', () => {
    const pool = poolWith({ may: 0, breaker: 'open', lastFailure: 'timed_out' });
    expect(pool.hindrance(0)).toEqual({
      is: 'refused',
      failure: { code: 'timed_out', message: 'not sent: every recent attempt at this host failed' },
    });
  });

  test('fail while the one probe is under way', () => {
    const pool = poolWith({ may: 1, breaker: 'halfOpen' });
    expect(pool.hindrance(0)).toBeUndefined();
    pool.take(0);
    expect(pool.hindrance(0)).toMatchObject({ is: 'refused', failure: { code: 'connect_failed' } });
  });
});

test('asks at once for what it lacks, but not where all is taken', () => {
  expect(poolWith({ limit: 50 }).lacks()).toBe(true);
  expect(poolWith({ limit: 2, counted: 2 }).lacks()).toBe(false);
  expect(poolWith({ limit: 50, isShort: true }).lacks()).toBe(false);
});

test('gives back what others wait for as soon as it is not used', () => {
  const pool = poolWith({ may: 1, counted: 2, isShort: true });
  pool.take(0);
  pool.take(0);
  expect(pool.hasTooMany()).toBe(false);
  pool.giveBack(0);
  expect(pool.hasTooMany()).toBe(true);
});

test('reports each outcome once', () => {
  const pool = poolWith();
  pool.succeeded(10);
  pool.succeeded(30);
  pool.overloaded('timed_out');
  const report = { successes: 2, overloads: 1, meanMs: 20, leastMs: 10, lastFailure: 'timed_out' };
  expect(pool.takeReport()).toEqual(report);
  expect(pool.takeReport()).toMatchObject({ successes: 0, overloads: 0 });
});

test('calls for a parked slice when few wait, but not while the host is to be left alone', () => {
  const pool = poolWith({ parked: 3 });
  expect(pool.hasRoomFor(32)).toBe(true);
  expect(pool.hasRoomFor(5)).toBe(false);
  pool.blockFor(1000, 0);
  expect(pool.hasRoomFor(32)).toBe(false);
  expect(poolWith({ parked: 0 }).hasRoomFor(32)).toBe(false);
});
