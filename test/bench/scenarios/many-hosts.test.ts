import { expect, test } from '@jest/globals';
import { judge } from '../../../bench/scenarios/many-hosts.ts';
import { holds } from '../../../bench/trial.ts';

const usage = (cpuMicroseconds: number): Parameters<typeof judge>[0][number] => ({
  cpuMicroseconds,
  perSecond: 3000,
  workerBytes: 100 * 2 ** 20,
  redisBytes: 50_000,
});

test.each([
  [200, true],
  [201, false],
])('minds that many hosts cost more than twice what one does: %d µs, %s', (cpu, expected) => {
  const { bounds, figures } = judge([usage(100)], [usage(cpu)], 1000);
  expect(bounds.map(holds)).toEqual([expected]);
  expect(figures).toContainEqual({ name: 'many hosts: Redis, results included', value: 50, unit: 'B/URL' });
  expect(figures).toContainEqual({ name: 'one host: largest worker', value: 100, unit: 'MiB' });
});
