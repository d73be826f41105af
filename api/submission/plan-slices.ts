// How a run of requests is cut into slices: by host where a host has many, together where hosts are many. Pure.
import { originOf } from '../../shared/origin.ts';
import type { SliceRequest } from '../../shared/request.ts';

export type SliceLimits = {
  /** Requests per slice. */
  readonly size: number;
  /** Bytes of URLs and bodies per slice, unless one request alone has more. */
  readonly bytes: number;
  /** The priority of a request that says none. */
  readonly priority: number;
};

/**
 * Every request of `window` in exactly one slice. Slices of a higher priority come first; within one priority a host with
 * at least `size` requests has slices of its own, so that its trouble is its own, and the others share slices. Each slice
 * keeps the order of submission, slices of one priority stand by first index.
 */
export const planSlices = (window: readonly SliceRequest[], limits: SliceLimits): SliceRequest[][] =>
  groupByPriority(window, limits.priority).flatMap((requests) => planLevel(requests, limits));

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
  const shared: SliceRequest[] = [];
  const slices: SliceRequest[][] = [];
  for (const requests of groupByHost(window).values()) {
    if (requests.length >= limits.size) cut(requests, limits, slices);
    else for (const request of requests) shared.push(request);
  }
  cut(
    shared.toSorted((a, b) => a.index - b.index),
    limits,
    slices,
  );
  return slices.toSorted(([a], [b]) => (a?.index ?? 0) - (b?.index ?? 0));
};

const groupByHost = (window: readonly SliceRequest[]): Map<string, SliceRequest[]> => {
  const groups = new Map<string, SliceRequest[]>();
  for (const request of window) {
    const host = originOf(request.url);
    const group = groups.get(host);
    if (group === undefined) groups.set(host, [request]);
    else group.push(request);
  }
  return groups;
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
