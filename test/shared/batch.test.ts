import { expect, test } from '@jest/globals';
import { isBatchId, newBatchId, statusOf } from '../../shared/batch.ts';
import { batchRecord } from '../support/batches.ts';

test('ids sort by time of creation', () => {
  const ids = Array.from({ length: 100 }, newBatchId);
  expect(ids.toSorted()).toEqual(ids);
  expect(ids.every(isBatchId)).toBe(true);
});

test('ids sort by the time they are given, and by their order where that is the same', () => {
  const tomorrow = Date.now() + 86_400_000;
  const [first, second] = [newBatchId(tomorrow), newBatchId(tomorrow)];
  const before = newBatchId(tomorrow - 3_600_000);
  expect([first, second, before].toSorted()).toEqual([before, first, second]);
  expect(isBatchId(first)).toBe(true);
});

test.each([
  '',
  'bat_',
  'constructor',
  'a:b:c',
  '../etc',
  newBatchId().toUpperCase(),
  `${newBatchId()}0`,
  `x${newBatchId()}`,
])('%j is no batch id', (text) => expect(isBatchId(text)).toBe(false));

const batch = batchRecord();

test.each([
  ['queued', {}],
  ['running', { startedAt: 2 }],
  ['paused', { isPaused: true }],
  ['paused', { startedAt: 2, isPaused: true }],
  ['open', { startedAt: 2, isOpen: true }],
  ['paused', { isOpen: true, isPaused: true }],
  ['completed', { isOpen: true, endedAt: 3 }],
  ['completed', { startedAt: 2, endedAt: 3 }],
  ['cancelled', { startedAt: 2, endedAt: 3, closedAs: 'cancelled' }],
  ['expired', { endedAt: 9, closedAs: 'expired' }],
] as const)('the status %s follows from what happened', (status, happened) => {
  expect(statusOf({ ...batch, ...happened })).toBe(status);
});
