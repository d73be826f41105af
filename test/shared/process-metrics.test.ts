import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createProcessMetrics } from '../../shared/process-metrics.ts';
import { waitFor } from '../support/wait-for.ts';

const block = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

test('tells what the process costs, and how long it kept others waiting since it was last asked', async () => {
  const metrics = createProcessMetrics();
  const read = (): Record<string, number> =>
    Object.fromEntries(metrics.read().map(({ name, samples }) => [name, samples[0]?.value ?? -1]));
  const first = read();
  expect(first['process_resident_memory_bytes']).toBeGreaterThan(10_000_000);
  expect(first['process_cpu_seconds_total']).toBeGreaterThan(0);
  expect(first['process_start_time_seconds']).toBeLessThan(Date.now() / 1000);
  const seen = await waitFor(async () => {
    block(200);
    await delay(50); // it is seen at the tick after
    const lag = read()['nodejs_eventloop_lag_max_seconds'] ?? 0;
    return lag > 0.1 && lag;
  });
  expect(seen).toBeLessThan(20);
  metrics.stop();
  expect(Object.values(read()).every(Number.isFinite)).toBe(true);
});
