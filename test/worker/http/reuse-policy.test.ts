import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  adviceFor,
  advise,
  beginHedge,
  beginProbe,
  endHedge,
  endProbe,
  mayHedge,
  newReuseRecord,
  noteAnswer,
  noteDrop,
  noteIdleClose,
  noteStall,
  noteUnaskedBytes,
} from '../../../worker/http/reuse-policy.ts';
import type { ReuseRecord } from '../../../worker/http/reuse-policy.ts';

const minuteMs = 60_000;

const trusted = (): ReuseRecord => {
  const record = newReuseRecord();
  noteAnswer(record, false, 200);
  noteAnswer(record, true, 200);
  return record;
};

describe('a host on trial', () => {
  test('gets fresh connections until one has answered, and keeps them', () => {
    expect(advise(newReuseRecord(), true, 0)).toMatchObject({ mayReuse: false, keepAlive: true });
  });

  test('gets one probe at a time, of a safe method, with a rival after twice the time of an answer', () => {
    const record = newReuseRecord();
    noteAnswer(record, false, 200);
    expect(advise(record, true, 0)).toMatchObject({ mayReuse: true, isProbe: true, hedgeAfterMs: 450 });
    expect(advise(record, false, 0)).toMatchObject({ mayReuse: false, keepAlive: true });
    beginProbe(record);
    expect(advise(record, true, 0).mayReuse).toBe(false);
    endProbe(record);
    expect(advise(record, true, 0).mayReuse).toBe(true);
  });

  test('is trusted once a reused connection has answered', () => {
    expect(advise(trusted(), false, 0)).toMatchObject({ mayReuse: true, isProbe: false });
  });

  test.each([
    ['stalls', (record: ReuseRecord): void => noteStall(record, 450, 0, 0)],
    ['is dropped', (record: ReuseRecord): void => noteDrop(record, 0, 0)],
    ['brings unasked bytes', (record: ReuseRecord): void => noteUnaskedBytes(record, 0)],
  ])('is marked fresh for a minute when a reused connection %s', (_how, note) => {
    const record = newReuseRecord();
    noteAnswer(record, false, 200);
    note(record);
    expect(advise(record, true, minuteMs - 1)).toMatchObject({ mayReuse: false, keepAlive: false });
    expect(record.diagnosis).toBeDefined();
    expect(advise(record, true, minuteMs)).toMatchObject({ isProbe: true });
  });
});

describe('a connection that lay idle', () => {
  const maxIdleMs = (record: ReuseRecord, isSafe = true): number => advise(record, isSafe, 0).maxIdleMs;

  test('serves for 15 s what is watched, and for 4 s what may not be sent twice', () => {
    expect([maxIdleMs(trusted()), maxIdleMs(trusted(), false)]).toEqual([15_000, 4000]);
    expect(adviceFor.reuse.maxIdleMs).toBe(4000);
  });

  test.each([
    ['for less than its host was seen to leave one idle', 10_000, 8000],
    ['but never for less than 4 s', 4500, 4000],
    ['whatever its host closes sooner', 3900, 15_000],
  ])('serves %s', (_how, closedAfterMs, expected) => {
    const record = trusted();
    noteIdleClose(record, closedAfterMs);
    noteIdleClose(record, 14_000);
    expect(maxIdleMs(record)).toBe(Math.min(expected, 14_000 * 0.8));
    expect(maxIdleMs(record, false)).toBe(4000);
  });

  test('for long and is dropped then tells of the timeout of its host, not of a fault', () => {
    const record = trusted();
    for (let drops = 0; drops < 100; drops += 1) noteDrop(record, 10_000, 0);
    expect(record).toMatchObject({ mode: 'reuse', drops: 0, diagnosis: undefined });
    expect(maxIdleMs(record)).toBe(8000);
  });

  test('for long and stalls is a strike, and tells of a timeout as well', () => {
    const record = trusted();
    noteStall(record, 1000, 10_000, 0);
    expect(record).toMatchObject({ mode: 'trial', strikes: 1, idleMs: 8000 });
  });
});

describe('a trusted host', () => {
  test('has its silent connections watched for a second, or four times its slowest answer', () => {
    expect(advise(trusted(), true, 0).hedgeAfterMs).toBe(1000);
    const slow = trusted();
    noteAnswer(slow, true, 2000);
    expect(advise(slow, true, 0).hedgeAfterMs).toBe(8000);
    expect(advise(slow, false, 0).hedgeAfterMs).toBe(Number.POSITIVE_INFINITY);
  });

  test('is asked twice by one request at a time, unless its connections are doubted already', () => {
    const record = trusted();
    beginHedge(record);
    expect(mayHedge(record)).toBe(false);
    noteStall(record, 1000, 0, 0);
    expect(mayHedge(record)).toBe(true);
    endHedge(record);
  });

  test('is forgiven two dropped connections in a row', () => {
    const record = trusted();
    noteDrop(record, 0, 0);
    noteDrop(record, 0, 0);
    expect(record.mode).toBe('reuse');
    noteAnswer(record, true, 1);
    noteDrop(record, 0, 0);
    expect(record.mode).toBe('reuse');
    noteDrop(record, 0, 0);
    noteDrop(record, 0, 0);
    expect(record.mode).toBe('trial');
  });

  test('goes on trial at its first stall and is marked at its second, longer each time', () => {
    const record = trusted();
    noteStall(record, 1000, 0, 0);
    expect(record.mode).toBe('trial');
    noteAnswer(record, true, 200);
    noteStall(record, 1000, 0, 1000);
    expect(advise(record, true, 1000 + 2 * minuteMs - 1).keepAlive).toBe(false);
    expect(advise(record, true, 1000 + 2 * minuteMs).mayReuse).toBe(true);
    noteStall(record, 1000, 0, 3 * minuteMs);
    expect(record.freshUntilMs).toBe(7 * minuteMs);
  });

  test('is forgiven everything after ten quiet minutes', () => {
    const record = trusted();
    noteStall(record, 1000, 0, 0);
    noteAnswer(record, true, 200);
    noteStall(record, 1000, 0, 11 * minuteMs);
    expect(record.mode).toBe('trial');
  });
});

test('no order of events leaves a mark longer than an hour, or no way back to reuse', () => {
  const events = fc.array(
    fc.record({
      event: fc.constantFrom('fresh', 'reused', 'stall', 'drop', 'unasked', 'advise'),
      afterMs: fc.nat(5 * minuteMs),
      idleMs: fc.nat(20_000),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(events, (steps) => {
      const record = newReuseRecord();
      let nowMs = 0;
      for (const { event, afterMs, idleMs } of steps) {
        nowMs += afterMs;
        if (event === 'stall') noteStall(record, 100, idleMs, nowMs);
        else if (event === 'drop') noteDrop(record, idleMs, nowMs);
        else if (event === 'unasked') noteUnaskedBytes(record, nowMs);
        else if (event === 'advise') advise(record, true, nowMs);
        else noteAnswer(record, event === 'reused', 10);
        expect(record.idleMs).toBeGreaterThanOrEqual(4000);
        expect(record.freshUntilMs).toBeLessThanOrEqual(nowMs + 60 * minuteMs);
      }
      noteAnswer(record, false, 10);
      nowMs += 60 * minuteMs;
      expect(advise(record, true, nowMs).mayReuse).toBe(true);
      noteAnswer(record, true, 10);
      expect(record.mode).toBe('reuse');
    }),
  );
});
