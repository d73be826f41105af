// What this process costs, under the names that dashboards for Node.js know.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gauge, type Metric } from './exposition.ts';

export type ProcessMetrics = {
  /** The delays are those since the last reading. */
  readonly read: () => readonly Metric[];
  stop(): void;
};

const resolutionMs = 20;

export const createProcessMetrics = (): ProcessMetrics => {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  // What is measured is the time between two ticks of a timer: the lag is what it is longer than asked for.
  const lag = (nanoseconds: number): number =>
    delays.count === 0 ? 0 : Math.max(0, nanoseconds / 1e6 - resolutionMs) / 1000;
  return {
    read() {
      const metrics = [
        ...readUsage(),
        gauge(
          'nodejs_eventloop_lag_p50_seconds',
          'Median lag of the event loop.',
          lag(delays.percentile(50)),
        ),
        gauge('nodejs_eventloop_lag_p99_seconds', 'Lag of the event loop, p99.', lag(delays.percentile(99))),
        gauge('nodejs_eventloop_lag_max_seconds', 'Longest lag of the event loop.', lag(delays.max)),
      ];
      delays.reset();
      return metrics;
    },
    stop() {
      delays.disable();
    },
  };
};

const readUsage = (): readonly Metric[] => {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const startedAt = performance.timeOrigin / 1000;
  return [
    {
      name: 'process_cpu_seconds_total',
      type: 'counter',
      help: 'CPU time used.',
      samples: [{ value: (user + system) / 1e6 }],
    },
    gauge('process_resident_memory_bytes', 'Memory held.', rss),
    gauge('process_start_time_seconds', 'When the process started, epoch seconds.', startedAt),
    gauge('nodejs_heap_size_used_bytes', 'Heap in use.', heapUsed),
    gauge('nodejs_heap_size_total_bytes', 'Heap reserved.', heapTotal),
    gauge('nodejs_external_memory_bytes', 'Memory held outside the heap: buffers.', external),
  ];
};
