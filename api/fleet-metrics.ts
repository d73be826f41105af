// What the fleet has to do and has done, as metrics: the same from every API.
import { byLabel, gauge, type Metric } from '../shared/exposition.ts';
import type { Fleet, Numbers } from '../shared/fleet-survey.ts';

export const fleetMetrics = (fleet: Fleet): readonly Metric[] => [
  gauges('fetchfleet_batches', 'status', {
    help: 'Batches by status; ended ones as long as they are kept, uncounted are unfinished ones past 10,000.',
    numbers: { ...zeros(['open', 'queued', 'running', 'paused', 'ended', 'uncounted']), ...fleet.batches },
  }),
  gauges('fetchfleet_requests', 'state', {
    help: 'Requests of unfinished batches: pending, or running (held by a worker).',
    numbers: fleet.requests,
  }),
  gauges('fetchfleet_slices', 'state', {
    help: 'Slices on the queue: waiting for a worker, delayed (a retry, or a host), active (held by a worker).',
    numbers: fleet.slices,
  }),
  counters('fetchfleet_results_total', 'outcome', {
    help: 'Results since the store is there, by outcome.',
    numbers: { ...zeros(['succeeded', 'failed', 'cancelled', 'expired']), ...fleet.results.outcomes },
  }),
  counters('fetchfleet_failures_total', 'code', {
    help: 'Failed results since the store is there, by failure code.',
    numbers: fleet.results.failures,
  }),
  gauge('fetchfleet_outbox_batches', 'Batches that may not be on the queue yet.', fleet.outbox),
  gauge('fetchfleet_undelivered_events', 'Webhook events that are not settled.', fleet.undelivered),
  gauge('fetchfleet_hosts', 'Hosts of which something is known.', fleet.hosts),
  gauge('fetchfleet_workers', 'Workers that gave a sign of life in the last 5 seconds.', fleet.workers),
  ...memoryMetrics(fleet),
];

const memoryMetrics = ({ memory }: Fleet): readonly Metric[] =>
  memory === undefined
    ? []
    : [
        gauge('fetchfleet_redis_memory_used_bytes', 'Memory that Redis uses.', memory.used),
        gauge('fetchfleet_redis_memory_mark_bytes', 'Above it no new batches are taken.', memory.mark),
        gauge('fetchfleet_redis_memory_limit_bytes', 'Memory that Redis may use.', memory.limit),
      ];

type Told = { readonly help: string; readonly numbers: Numbers };

const gauges = (name: string, label: string, { help, numbers }: Told): Metric => ({
  name,
  type: 'gauge',
  help,
  samples: byLabel(label, Object.entries(numbers)),
});

const counters = (name: string, label: string, told: Told): Metric => ({
  ...gauges(name, label, told),
  type: 'counter',
});

/** So that a graph has a line from the beginning. */
const zeros = (names: readonly string[]): Numbers => Object.fromEntries(names.map((name) => [name, 0]));
