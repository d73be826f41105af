import { availableParallelism } from 'node:os';
import { expect, test } from '@jest/globals';
import {
  cpuSecondsOf,
  peakBytesOf,
  residentBytesOf,
  stolenShare,
  watchMachine,
  watchStolen,
} from '../../bench/process-usage.ts';

test('reads the CPU time that a process has used', () => {
  const { user, system } = process.cpuUsage();
  const seconds = cpuSecondsOf(process.pid);
  expect(seconds).toBeGreaterThan((user + system) / 1e6 - 1);
  expect(seconds).toBeLessThan((user + system) / 1e6 + 1);
});

test('reads the memory that a process holds', () => {
  const bytes = residentBytesOf(process.pid);
  expect(bytes).toBeGreaterThan(process.memoryUsage.rss() / 2);
  expect(bytes).toBeLessThan(process.memoryUsage.rss() * 2);
});

test('reads the most memory that a process ever held', () => {
  expect(peakBytesOf(process.pid)).toBeGreaterThanOrEqual(residentBytesOf(process.pid) * 0.9);
  expect(peakBytesOf(process.pid)).toBeLessThan(100 * 2 ** 30);
});

test('sees that the machine is busy', async () => {
  const busyShare = watchMachine();
  const until = performance.now() + 300;
  while (performance.now() < until) Math.random();
  expect(busyShare()).toBeGreaterThan(0.5 / availableParallelism());
  expect(busyShare()).toBeLessThanOrEqual(1);
});

test('sees how much of the time that was wanted went to others', () => {
  const stat = (user: number, idle: number, stolen: number): string =>
    `cpu  ${user} 0 50 ${idle} 5 0 5 ${stolen} 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n`;
  expect(stolenShare(stat(100, 1000, 10), stat(170, 3000, 40))).toBe(0.3);
  expect(stolenShare(stat(100, 1000, 10), stat(100, 2000, 10))).toBe(0);
  expect(stolenShare('', '')).toBeUndefined();
  expect(watchStolen()() ?? 0).toBeLessThanOrEqual(1);
});
