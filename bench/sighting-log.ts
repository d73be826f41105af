// Where the counting target notes what it sees: a few numbers a request, in columns, so that a million fit and travel.
import { sharedNowMs } from './clock.ts';
import type { Ending, Sighting } from './sighting.ts';

/** As they travel between processes: one entry a request in each. `host` and `ending` are places in lists. */
export type SightingColumns = {
  readonly hosts: readonly string[];
  readonly host: Uint32Array;
  readonly path: Float64Array;
  readonly arrivedMs: Float64Array;
  readonly leftMs: Float64Array;
  readonly inFlight: Uint32Array;
  readonly ending: Uint8Array;
};

export type Arrival = { readonly host: number; readonly path: number; readonly inFlight: number };

export type SightingLog = {
  /** Notes an arrival now; the number it returns is for `leave`. */
  arrive(arrival: Arrival): number;
  /** Notes a departure now. */
  leave(sighting: number, ending: Exclude<Ending, undefined>): void;
  /** How many have arrived. */
  count(): number;
  /** A copy of all there is; `hosts` are the labels by number. */
  read(hosts: readonly string[]): SightingColumns;
};

const endings: readonly Ending[] = [undefined, 'answered', 'refused', 'closed'];

export const createSightingLog = (now: () => number = sharedNowMs): SightingLog => {
  const host: number[] = [];
  const path: number[] = [];
  const arrivedMs: number[] = [];
  const leftMs: number[] = [];
  const inFlight: number[] = [];
  const ending: number[] = [];
  return {
    arrive(arrival) {
      host.push(arrival.host);
      path.push(arrival.path);
      arrivedMs.push(now());
      leftMs.push(Number.POSITIVE_INFINITY);
      inFlight.push(arrival.inFlight);
      return ending.push(0) - 1;
    },
    leave(sighting, how) {
      leftMs[sighting] = now();
      ending[sighting] = endings.indexOf(how);
    },
    count: () => host.length,
    read: (hosts) => ({
      hosts,
      host: Uint32Array.from(host),
      path: Float64Array.from(path),
      arrivedMs: Float64Array.from(arrivedMs),
      leftMs: Float64Array.from(leftMs),
      inFlight: Uint32Array.from(inFlight),
      ending: Uint8Array.from(ending),
    }),
  };
};

/** The columns as sightings, in the order of arrival. */
export const toSightings = (columns: SightingColumns): readonly Sighting[] =>
  Array.from(columns.host, (host, at) => ({
    host: columns.hosts[host] ?? '',
    path: columns.path[at] ?? Number.NaN,
    arrivedMs: columns.arrivedMs[at] ?? Number.NaN,
    leftMs: columns.leftMs[at] ?? Number.NaN,
    inFlight: columns.inFlight[at] ?? Number.NaN,
    ending: endings[columns.ending[at] ?? 0],
  }));
