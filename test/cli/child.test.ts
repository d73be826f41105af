import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { Child } from '../../cli/child.ts';
import { keepChild } from '../../cli/child.ts';
import { createLogger } from '../../shared/logger.ts';
import { isRunning } from '../support/run-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const folder = temporaryFolder();
const children = new Set<Child>();
afterAll(() => children.forEach((child) => child.kill()));

// Children write their pid into a file of the test's name, a line for every start.
const keep = (
  name: string,
  code: string,
): { child: Child; pids: () => number[]; log: string[]; stops: string[] } => {
  const file = path.join(folder, name);
  const log: string[] = [];
  const stops: string[] = [];
  const logger = createLogger('up', 'info', { write: (line) => void log.push(line) });
  const script = [
    '-e',
    `require('fs').appendFileSync(${JSON.stringify(file)}, process.pid + '\\n'); ${code}`,
  ];
  const child = keepChild(
    { name, script, env: {} },
    { onMessage: () => {}, onMisconfigured: () => void stops.push(name) },
    { logger, backoff: { firstMs: 10, capMs: 40, resetAfterMs: 60_000 } },
  );
  children.add(child);
  return { child, log, stops, pids: () => readLines(file).map(Number) };
};

/** Whole lines only: a file is there a moment before its first. */
const readLines = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
};

const forEver = 'setInterval(() => {}, 1000)';

test('a child that was killed is started again', async () => {
  const { child, pids } = keep('killed', forEver);
  const [first = 0] = await waitFor(() => pids().length === 1 && pids());
  process.kill(first, 'SIGKILL');
  const [, second = 0] = await waitFor(() => pids().length === 2 && pids());
  expect(isRunning(second)).toBe(true);
  await child.stop(5000);
  expect(isRunning(second)).toBe(false);
});

test('one that keeps dying is started ever later, up to a limit', async () => {
  const { child, log } = keep('dying', 'process.exit(1)');
  await waitFor(() => log.length >= 4, { timeoutMs: 10_000 });
  await child.stop(5000);
  const delays = log.map((line) => (JSON.parse(line) as { delayMs: number }).delayMs);
  expect(delays.slice(0, 4)).toEqual([10, 20, 40, 40]);
});

test('one that says it cannot run as configured is not started again', async () => {
  const { child, pids, stops, log } = keep('misconfigured', 'process.exit(78)');
  await waitFor(() => stops.length > 0);
  await child.stop(5000);
  expect(pids()).toHaveLength(1);
  expect(log).toEqual([]);
});

test('one that ignores SIGTERM is killed when its time is over', async () => {
  const { child, pids } = keep('stubborn', `process.on('SIGTERM', () => {}); ${forEver}`);
  const [pid = 0] = await waitFor(() => pids().length === 1 && pids());
  await child.stop(100);
  expect(isRunning(pid)).toBe(false);
});

test('a stopped child stays stopped, also while it waits to be started again', async () => {
  const { child, pids, log } = keep('waiting', 'process.exit(1)');
  await waitFor(() => log.length > 0);
  await child.stop(5000);
  const begun = pids().length;
  await expect(waitFor(() => pids().length > begun, { timeoutMs: 200 })).rejects.toThrow('not true');
});
