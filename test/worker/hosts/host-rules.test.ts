import { expect, test } from '@jest/globals';
import type { HostLimits } from '../../../shared/host-limits.ts';
import { createRuleBook } from '../../../worker/hosts/host-rules.ts';

const storeOf = (limits: Record<string, HostLimits>) => ({
  all: async () => new Map(Object.entries(limits)),
  get: async () => undefined,
  set: async () => {},
  remove: async () => false,
});

test('a host has what the service allows, and begins with enough for a small batch', () => {
  const book = createRuleBook(storeOf({}), { concurrency: 256 });
  expect(book.of('http://a.test')).toEqual({ concurrency: 256, start: 128, intervalMs: 0, explores: true });
  const strict = createRuleBook(storeOf({}), { concurrency: 4, rate: { requests: 10, periodMs: 1000 } });
  expect(strict.of('http://a.test')).toEqual({ concurrency: 4, start: 4, intervalMs: 100, explores: true });
});

test('what an operator set stands instead, field by field, once it was read', async () => {
  const limits: Record<string, HostLimits> = { 'http://a.test': { concurrency: 200 } };
  const book = createRuleBook(storeOf(limits), { concurrency: 8, rate: { requests: 10, periodMs: 1000 } });
  expect(book.of('http://a.test').concurrency).toBe(8);
  await book.refresh();
  expect(book.of('http://a.test')).toEqual({
    concurrency: 200,
    start: 200,
    intervalMs: 100,
    explores: false,
  });
  delete limits['http://a.test'];
  await book.refresh();
  expect(book.of('http://a.test').concurrency).toBe(8);
});
