// The auditor: what was accepted, fetched, stored and counted, held against one another. Pure.
import type { Sighting } from '../bench/sighting.ts';
import type { Bound, Figure } from '../bench/trial.ts';

/** A batch whose 202 was seen: `total` URLs, as `hostOf` and their index make them. No two have the same name. */
export type Accepted = {
  readonly id: string;
  readonly name: string;
  readonly total: number;
  /** How it was made to end before it was done, and so what became of its requests that had no result. */
  readonly endedAs?: 'cancelled' | 'expired';
};

/** The host that a request goes to: several a batch, so that what one host bears at once does not set the pace. */
export const hostOf = (name: string, index: number): string => `${name}-${index % hostsOfBatch}`;

const hostsOfBatch = 8;

/** A stored result, as the API delivers it. */
export type StoredResult = {
  readonly index: number;
  readonly outcome: string;
  readonly body?: { readonly json?: unknown; readonly href?: string } | undefined;
  readonly failure?: { readonly code: string; readonly message: string } | null | undefined;
};

/** All there is to be known of a batch when it should have ended. */
export type Account = {
  readonly accepted: Accepted;
  readonly status: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly results: readonly StoredResult[];
};

export type Audit = {
  /** Requests without a result. */
  readonly lost: number;
  /** Results beyond the first of a request. */
  readonly doubled: number;
  /** Results that say they succeeded with a response that the target did not give to this very request. */
  readonly invented: number;
  /** Requests whose result is anything but `succeeded`, or what their batch ended as. */
  readonly unsuccessful: number;
  /** Counts that differ from the stored results, and batches that have not completed or ended as they should. */
  readonly miscounted: number;
  /** Arrivals at the target beyond the first of a request. */
  readonly refetched: number;
};

export const audit = (accounts: readonly Account[], sightings: readonly Sighting[]): Audit => {
  const sum = (count: (account: Account) => number): number =>
    accounts.reduce((total, account) => total + count(account), 0);
  return {
    lost: sum(countLost),
    doubled: sum(({ results }) => results.length - indexesOf(results).size),
    invented: sum((account) => countInvented(account, sightings)),
    unsuccessful: sum(countUnsuccessful),
    miscounted: sum(countMiscounted),
    refetched: sightings.length - new Set(sightings.map(({ host, path }) => `${host}/${path}`)).size,
  };
};

const indexesOf = (results: readonly StoredResult[]): ReadonlySet<number> =>
  new Set(results.map(({ index }) => index));

const countLost = ({ accepted, results }: Account): number => {
  const stored = indexesOf(results);
  return Array.from({ length: accepted.total }, (_, index) => index).filter((index) => !stored.has(index))
    .length;
};

const countUnsuccessful = ({ accepted, results }: Account): number =>
  results.filter(({ outcome }) => outcome !== 'succeeded' && outcome !== accepted.endedAs).length;

const countMiscounted = ({ accepted, status, counts, results }: Account): number => {
  const right: Readonly<Record<string, number>> = {
    total: accepted.total,
    pending: 0,
    running: 0,
    ...Object.fromEntries(
      outcomes.map((name) => [name, results.filter(({ outcome }) => outcome === name).length]),
    ),
  };
  const wrong = Object.entries(right).filter(([name, count]) => counts[name] !== count);
  return wrong.length + (status === (accepted.endedAs ?? 'completed') ? 0 : 1);
};

const outcomes = ['succeeded', 'failed', 'cancelled', 'expired'];

const countInvented = ({ accepted, results }: Account, sightings: readonly Sighting[]): number =>
  results.filter((result) => result.outcome === 'succeeded' && !wasGiven(result, accepted, sightings)).length;

/** The counting target puts the number of the sighting into its response. */
const wasGiven = (
  { index, body }: StoredResult,
  { name }: Accepted,
  sightings: readonly Sighting[],
): boolean => {
  const { n } = (body?.json ?? {}) as { readonly n?: number };
  const sighting = sightings[n ?? -1];
  return sighting?.host === hostOf(name, index) && sighting.path === index;
};

/** Results that were there at the first reading, and at the second were gone or another. Of the same batch. */
export const countChanged = (first: Account, second: Account): number => {
  const later = new Map(second.results.map((result) => [result.index, JSON.stringify(result)]));
  return first.results.filter((result) => later.get(result.index) !== JSON.stringify(result)).length;
};

/** What every scenario promises: all zeros. */
export const zeros = (found: Audit, watch: { readonly wrongPolls: number }): readonly Bound[] => [
  { name: 'requests lost', value: found.lost, most: 0 },
  { name: 'results doubled', value: found.doubled, most: 0 },
  { name: 'results invented', value: found.invented, most: 0 },
  { name: 'requests that did not succeed', value: found.unsuccessful, most: 0 },
  { name: 'counts wrong at the end', value: found.miscounted, most: 0 },
  { name: 'polls with wrong counts', value: watch.wrongPolls, most: 0 },
];

/** Why results are what they should not be: where there are none, nothing is said. */
export const failureFigures = (accounts: readonly Account[]): readonly Figure[] => {
  const reasons = new Map<string, number>();
  for (const { failure } of accounts.flatMap(({ results }) => results)) {
    if (!failure) continue;
    const reason = `${failure.code}: ${failure.message}`;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return [...reasons].map(([name, value]) => ({ name, value }));
};

export const refetchedFigure = ({ refetched }: Audit): Figure => ({
  name: 'fetched more than once',
  value: refetched,
});
