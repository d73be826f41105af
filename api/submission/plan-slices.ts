// How a run of requests is cut into slices: by host where a host has many, together where hosts are many. Pure.
import { hostOf } from '../../shared/origin.ts';
import type { SliceRequest } from '../../shared/request.ts';

export type SliceLimits = {
  /** Requests per slice, but for the first slices of a batch: a small one is to be spread over workers. */
  readonly size: number;
  /** Bytes of URLs and bodies per slice, unless one request alone has more. */
  readonly bytes: number;
  /** The priority of a request that says none. */
  readonly priority: number;
};

/** So many requests of a batch are cut into slices of at most so many. */
const early = { requests: 25_000, size: 250 };

/**
 * Every request of `window` in exactly one slice. Slices of a higher priority come first; within one priority a host with
 * enough requests to fill one has slices of its own, so that its trouble is its own, and the others share slices. Each slice
 * keeps the order of submission, slices of one priority stand by first index.
 */
export const planSlices = (window: readonly SliceRequest[], limits: SliceLimits): SliceRequest[][] => {
  const isEarly = (window[0]?.index ?? 0) < early.requests;
  const size = isEarly ? Math.min(early.size, limits.size) : limits.size;
  return groupByPriority(window, limits.priority).flatMap((requests) =>
    planLevel(requests, { ...limits, size }),
  );
};

const groupByPriority = (
  window: readonly SliceRequest[],
  usual: number,
): readonly (readonly SliceRequest[])[] => {
  if (window.every(({ priority }) => priority === undefined)) return [window];
  const levels = new Map<number, SliceRequest[]>();
  for (const request of window) {
    const { priority = usual } = request;
    const level = levels.get(priority);
    if (level === undefined) levels.set(priority, [request]);
    else level.push(request);
  }
  return [...levels].toSorted(([a], [b]) => b - a).map(([, requests]) => requests);
};

const planLevel = (window: readonly SliceRequest[], limits: SliceLimits): SliceRequest[][] => {
  const slices: SliceRequest[][] = [];
  const shared: SliceRequest[] = [];
  if (isOneHost(window)) {
    cut(window, limits, slices);
    return slices;
  }
  const hosts = hostsOf(window);
  for (const [at, request] of window.entries()) {
    const host = hosts[at];
    if (host === undefined || host.count < limits.size) shared.push(request);
    else host.requests.push(request);
  }
  for (const { requests } of new Set(hosts)) if (requests.length > 0) cut(requests, limits, slices);
  cut(shared, limits, slices);
  return slices.toSorted(([a], [b]) => (a?.index ?? 0) - (b?.index ?? 0));
};

/** As most large batches are. */
const isOneHost = (window: readonly SliceRequest[]): boolean => {
  const [first] = window;
  const host = first && hostOf(first);
  return window.every((request) => hostOf(request) === host);
};

type Host = { count: number; readonly requests: SliceRequest[] };

/** The host of each. */
const hostsOf = (window: readonly SliceRequest[]): readonly Host[] => {
  const hosts = new Map<string, Host>();
  return window.map((request) => {
    const host = hostNamed(hostOf(request), hosts);
    host.count += 1;
    return host;
  });
};

const hostNamed = (name: string, hosts: Map<string, Host>): Host => {
  const known = hosts.get(name);
  if (known !== undefined) return known;
  const host: Host = { count: 0, requests: [] };
  hosts.set(name, host);
  return host;
};

const cut = (requests: readonly SliceRequest[], limits: SliceLimits, into: SliceRequest[][]): void => {
  let slice: SliceRequest[] = [];
  let bytes = 0;
  for (const request of requests) {
    const weight = weightOf(request);
    if (slice.length > 0 && (slice.length >= limits.size || bytes + weight > limits.bytes)) {
      into.push(slice);
      slice = [];
      bytes = 0;
    }
    slice.push(request);
    bytes += weight;
  }
  if (slice.length > 0) into.push(slice);
};

/** About how many bytes a request takes. */
export const weightOf = (request: SliceRequest): number =>
  request.url.length + (request.bytes?.byteLength ?? 0);
