// What is told of a submission that was only planned: its load on each host, and about how long it would take. Pure.
import { z } from 'zod';
import { hostLimitsSchema, type HostLimits } from '../../shared/host-limits.ts';
import type { Survey } from '../submission/survey.ts';

const count = z.int().min(0);

const plannedHostSchema = z.object({
  host: z.string(),
  requests: count,
  limits: hostLimitsSchema.describe('Those that hold for it.'),
  seconds: z.number().min(0).describe('How long it would take for these limits alone.'),
});

const estimateSchema = z.object({
  seconds: z.number().min(0).nullable().describe('In all; null where no worker is there.'),
  boundBy: z
    .string()
    .nullable()
    .describe('What it would take so long for: `workers`, or the limits of this host.'),
  assumptions: z.object({
    workers: count,
    requestsInFlightPerWorker: count,
    secondsPerRequest: z.number().min(0),
  }),
});

export const planViewSchema = z.object({
  counts: z.object({
    requests: count,
    duplicates: count.describe(
      'Like one before them; left out of what would be fetched where `dedupe` was asked for.',
    ),
    invalid: count,
    fetched: count.describe('How many would be fetched.'),
    hosts: count,
  }),
  invalid: z
    .array(z.object({ index: count, url: z.string(), message: z.string() }))
    .readonly()
    .describe('The first hundred that are not valid, as they are written or by the rules of this service.'),
  hosts: z.array(plannedHostSchema).readonly().describe('The hundred hosts that are asked most.'),
  estimate: estimateSchema,
});

export type PlanView = Readonly<z.output<typeof planViewSchema>>;
type PlannedHost = Readonly<z.output<typeof plannedHostSchema>>;
type Estimate = Readonly<z.output<typeof estimateSchema>>;

export type PlanContext = {
  readonly workers: number;
  /** Requests in flight of one worker. */
  readonly concurrency: number;
  readonly limitsOf: (host: string) => HostLimits;
};

const listedHosts = 100;
const secondsPerRequest = 0.5;

export const toPlanView = (survey: Survey, { workers, concurrency, limitsOf }: PlanContext): PlanView => {
  const hosts = [...survey.hosts]
    .map(([host, requests]) => toPlannedHost(host, requests, limitsOf(host)))
    .toSorted((a, b) => b.requests - a.requests);
  const fetched = hosts.reduce((sum, { requests }) => sum + requests, survey.ofOtherHosts);
  const { requests, duplicates, invalid } = survey;
  const assumptions = { workers, requestsInFlightPerWorker: concurrency, secondsPerRequest };
  return {
    counts: { requests, duplicates, invalid, fetched, hosts: hosts.length },
    invalid: survey.firstInvalid,
    hosts: hosts.slice(0, listedHosts),
    estimate: { ...toEstimate(hosts, fetched, workers * concurrency), assumptions },
  };
};

const toPlannedHost = (host: string, requests: number, limits: HostLimits): PlannedHost => {
  const { concurrency, rate } = limits;
  const byConcurrency = concurrency === undefined ? 0 : Math.ceil(requests / concurrency) * secondsPerRequest;
  const byRate = rate === undefined ? 0 : ((requests - 1) * rate.periodMs) / rate.requests / 1000;
  return { host, requests, limits, seconds: toTenths(Math.max(byConcurrency, byRate)) };
};

const toEstimate = (
  hosts: readonly PlannedHost[],
  fetched: number,
  inFlight: number,
): Pick<Estimate, 'seconds' | 'boundBy'> => {
  if (inFlight === 0 || fetched === 0) return { seconds: fetched === 0 ? 0 : null, boundBy: null };
  const byWorkers = toTenths(Math.ceil(fetched / inFlight) * secondsPerRequest);
  let slowest = { host: 'workers', seconds: byWorkers };
  for (const each of hosts) if (each.seconds > slowest.seconds) slowest = each;
  return { seconds: slowest.seconds, boundBy: slowest.host };
};

const toTenths = (seconds: number): number => Math.round(seconds * 10) / 10;
