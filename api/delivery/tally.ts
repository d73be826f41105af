// Counts up what explains a batch, excerpt by excerpt. Its memory does not grow with the number of results.
import type { Excerpt } from '../../shared/excerpt.ts';
import type { FailureCode } from '../../shared/failure.ts';
import { originOf } from '../../shared/origin.ts';
import { knownFailure, type Columns, type Rare } from '../../shared/segment-columns.ts';
import { createHistogram, type Histogram } from './histogram.ts';

/** Where the time of a request can go, in order. `other` is what its last attempt spent on redirects and between phases. */
export const phases = ['line', 'retries', 'dns', 'connect', 'tls', 'firstByte', 'body', 'other'] as const;
export type Phase = (typeof phases)[number];

export type HostTally = { results: number; failed: number; reused: number; readonly total: Histogram };
export type FailureTally = { count: number; readonly example: FailureExample };
export type FailureExample = { readonly index: number; readonly url: string; readonly message: string };

export type Tally = {
  results: number;
  /** Attempts that the host turned away to be asked less. */
  throttled: number;
  /** Carried by a connection that had served before, and by one of their own. */
  reused: number;
  fresh: number;
  readonly phases: Readonly<Record<Phase, Histogram>>;
  /** The first so many that were seen; the others count as one. */
  readonly hosts: Map<string, HostTally>;
  readonly otherHosts: HostTally;
  readonly failures: Map<FailureCode, FailureTally>;
};

const mostHosts = 1000;

export const createTally = (): Tally => ({
  results: 0,
  throttled: 0,
  reused: 0,
  fresh: 0,
  phases: Object.fromEntries(phases.map((phase) => [phase, createHistogram()])) as Tally['phases'],
  hosts: new Map(),
  otherHosts: newHost(),
  failures: new Map(),
});

const newHost = (): HostTally => ({ results: 0, failed: 0, reused: 0, total: createHistogram() });

export const addExcerpt = (tally: Tally, { columns, places }: Excerpt): void => {
  const urls = columns[2].split('\n');
  const rares = new Map(columns[13]);
  for (const place of places) {
    const rare = rares.get(place);
    const url = urls[place] ?? '';
    tally.results += 1;
    const host = hostOf(tally, url);
    host.results += 1;
    host.total.add(columns[9][place * 7 + 6] ?? 0);
    addPhases(tally, columns, place, rare);
    addConnection(tally, host, columns[11][columns[12][place] ?? -1]?.reused);
    if (rare?.failure !== undefined) {
      host.failed += 1;
      addFailure(tally, rare.failure, { index: columns[0][place] ?? 0, url });
    }
  }
};

const hostOf = ({ hosts, otherHosts }: Tally, url: string): HostTally => {
  const origin = originOrNothing(url);
  if (origin === undefined) return otherHosts;
  const known = hosts.get(origin);
  if (known !== undefined) return known;
  if (hosts.size >= mostHosts) return otherHosts;
  const host = newHost();
  hosts.set(origin, host);
  return host;
};

const originOrNothing = (url: string): string | undefined => {
  try {
    return originOf(url);
  } catch {
    return undefined; // it failed for being no URL
  }
};

const addPhases = (tally: Tally, columns: Columns, place: number, rare: Rare | undefined): void => {
  const [queue = 0, dns = 0, connect = 0, tls = 0, firstByte = 0, body = 0, total = 0] = columns[9].slice(
    place * 7,
    place * 7 + 7,
  );
  const earlier = rare?.attempts?.slice(0, -1) ?? [];
  const retries = 10 * earlier.reduce((sum, { waitMs, totalMs }) => sum + waitMs + totalMs, 0);
  tally.throttled += rare?.attempts?.filter(({ throttled }) => throttled === true).length ?? 0;
  const { phases: histograms } = tally;
  histograms.line.add(Math.max(0, queue - retries));
  histograms.retries.add(retries);
  histograms.dns.add(dns);
  histograms.connect.add(connect);
  histograms.tls.add(tls);
  histograms.firstByte.add(firstByte);
  histograms.body.add(body);
  histograms.other.add(Math.max(0, total - dns - connect - tls - firstByte - body));
};

const addConnection = (tally: Tally, host: HostTally, isReused: boolean | undefined): void => {
  if (isReused === true) {
    tally.reused += 1;
    host.reused += 1;
  } else if (isReused === false) tally.fresh += 1;
};

const addFailure = (
  { failures }: Tally,
  failure: NonNullable<Rare['failure']>,
  at: Omit<FailureExample, 'message'>,
): void => {
  const { code, message } = knownFailure(failure);
  const known = failures.get(code);
  if (known === undefined) failures.set(code, { count: 1, example: { ...at, message } });
  else known.count += 1;
};
