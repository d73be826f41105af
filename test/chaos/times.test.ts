import { expect, test } from '@jest/globals';
import { countWrongDates, countWrongTimes, type DatedBatch, type TimedResult } from '../../chaos/times.ts';

const span = { fromMs: Date.UTC(2026, 0, 1, 12, 0, 0), untilMs: Date.UTC(2026, 0, 1, 12, 1, 0) };
const at = (minute: number, second: number): string =>
  new Date(Date.UTC(2026, 0, 1, 12, minute, second)).toISOString();
const batch: DatedBatch = { createdAt: at(0, 1), startedAt: at(0, 2), endedAt: at(0, 30) };

test.each<[string, Partial<DatedBatch>, number]>([
  ['as they should be', {}, 0],
  ['of a batch that never started', { startedAt: null }, 0],
  ['of a batch that has no end', { endedAt: null }, 1],
  ['with an end before the start', { endedAt: at(0, 1) }, 1],
  ['with an end in the future', { endedAt: at(2, 0) }, 1],
  ['with a start before the submission', { createdAt: at(-2, 0) }, 1],
])('dates %s', (_, dates, wrong) => {
  expect(countWrongDates({ ...batch, ...dates }, span)).toBe(wrong);
});

const attempt = { startedAt: at(0, 3), waitMs: 0, totalMs: 100 };

test.each<[string, TimedResult, number]>([
  ['as it should be', { timings: { queueMs: 0, totalMs: 60_000 }, attempts: [attempt] }, 0],
  ['without times', {}, 0],
  ['with a negative time', { timings: { queueMs: -1 } }, 1],
  ['with a wait of hours', { timings: { queueMs: 3_600_000 } }, 1],
  ['with a negative wait between attempts', { attempts: [attempt, { ...attempt, waitMs: -5 }] }, 1],
  ['with an attempt of yesterday', { attempts: [{ ...attempt, startedAt: at(-1440, 0) }] }, 1],
])('a result %s', (_, result, wrong) => {
  expect(countWrongTimes([{}, result], span)).toBe(wrong);
});
