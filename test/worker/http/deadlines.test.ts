import { describe, expect, test } from '@jest/globals';
import { dueAt, lateness } from '../../../worker/http/deadlines.ts';
import type { Timed } from '../../../worker/http/deadlines.ts';

const deadlines = {
  connectTimeoutMs: 100,
  headersTimeoutMs: 200,
  bodyTimeoutMs: 300,
  totalAt: 10_000,
  totalTimeoutMs: 9000,
};

const trip = (change: Partial<Timed>): Timed => ({
  phase: 'connect',
  startedAt: 1000,
  sentAt: 0,
  headAt: 0,
  heardAt: 0,
  isHeld: false,
  heldMs: 0,
  wantsBody: true,
  isResolving: () => false,
  ...change,
});

const steps: [due: number, change: Partial<Timed>, message: string][] = [
  [1100, { phase: 'connect', isResolving: () => true }, 'the name was not resolved within 100 ms'],
  [1100, { phase: 'connect' }, 'no connection was made within 100 ms'],
  [1700, { phase: 'headers', sentAt: 1500 }, 'no response began within 200 ms of the request'],
  [2800, { phase: 'body', headAt: 2000, heardAt: 2500 }, 'no more of the body came for 300 ms'],
];

describe('each step has a deadline of its own', () => {
  test.each(steps)('due at %d for %j', (due, change, message) => {
    expect(dueAt(trip(change), deadlines)).toBe(due);
    expect(lateness(trip(change), deadlines, due).failure).toEqual({ code: 'timed_out', message });
  });

  test('an unwanted body is read for 300 ms at most', () => {
    const reading = trip({ phase: 'body', headAt: 2000, heardAt: 2299, wantsBody: false });
    expect(dueAt(reading, deadlines)).toBe(2300);
  });
});

test('the attempt as a whole has the last word', () => {
  const late = trip({ phase: 'headers', sentAt: 9900 });
  expect(dueAt(late, deadlines)).toBe(10_000);
  expect(lateness(late, deadlines, 10_000)).toEqual({
    failure: { code: 'timed_out', message: 'the attempt took longer than 9000 ms' },
    isTransient: true,
  });
  const totalFailure = { code: 'timed_out', message: 'out of time' } as const;
  expect(lateness(late, { ...deadlines, totalFailure }, 10_000).failure).toEqual(totalFailure);
});

test('waits as long as the store of its body does, and gives the host that time again', () => {
  const body = { phase: 'body', headAt: 2000, heardAt: 9900 } as const;
  expect(dueAt(trip({ ...body, isHeld: true }), deadlines)).toBe(Number.POSITIVE_INFINITY);
  expect(dueAt(trip({ ...body, phase: 'storing' }), deadlines)).toBe(Number.POSITIVE_INFINITY);
  const released = trip({ ...body, heardAt: 10_200, heldMs: 400 });
  expect(dueAt(released, deadlines)).toBe(10_400);
  expect(lateness(released, deadlines, 10_400).failure.message).toMatch(/^the attempt took/);
  expect(lateness(released, deadlines, 10_300).failure.message).toMatch(/^no more of the body/);
});
