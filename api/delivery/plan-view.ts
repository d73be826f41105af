// What is told of a submission that was only planned: its load on each host, and about how long it would take. Pure.
import type { HostLimits } from '../../shared/host-limits.ts';
import type { InvalidRequest, Survey } from '../submission/survey.ts';

export type PlanView = {
  readonly counts: {
    readonly requests: number;
    /** Like one before them; those are left out of what would be fetched where `dedupe` was asked for. */
    readonly duplicates: number;
    readonly invalid: number;
    /** How many would be fetched. */
    readonly fetched: number;
    readonly hosts: number;
  };
  /** The first hundred that are not valid, whether as they are written or by the rules of this service. */
  readonly invalid: readonly InvalidRequest[];
  /** The hundred hosts that are asked most. */
  readonly hosts: readonly PlannedHost[];
  readonly estimate: Estimate;
};

export type PlannedHost = {
  readonly host: string;
  readonly requests: number;
  readonly limits: HostLimits;
  /** How long it would take for its limits alone. */
  readonly seconds: number;
};

export type Estimate = {
  /** Null where no worker is there. */
  readonly seconds: number | null;
  /** What it would take so long for: the workers, or the limits of this host. */
  readonly boundBy: string | null;
  readonly assumptions: {
    readonly workers: number;
    readonly requestsInFlightPerWorker: number;
    readonly secondsPerRequest: number;
  };
};

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
