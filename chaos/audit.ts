// The auditor: what was accepted, fetched, stored and counted, held against one another. Pure.
import type { Sighting } from '../bench/sighting.ts';
import type { Bound, Figure } from '../bench/trial.ts';

/** A batch whose 202 was seen: `total` URLs, as `hostOf` and their index make them. No two have the same name. */
export type Accepted = { readonly id: string; readonly name: string; readonly total: number };

/** The host that a request goes to: several a batch, so that what one host bears at once does not set the pace. */
export const hostOf = (name: string, index: number): string => `${name}-${index % hostsOfBatch}`;

const hostsOfBatch = 8;

/** A stored result, as the API delivers it. */
export type StoredResult = {
  readonly index: number;
  readonly outcome: string;
  readonly body?: { readonly json?: unknown } | undefined;
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
  /** Requests whose result is anything but `succeeded`. */
  readonly unsuccessful: number;
  /** Counts that differ from the stored results, and batches that have not completed. */
  readonly miscounted: number;
  /** Arrivals at the target beyond the first of a request. */
  readonly refetched: number;
};

export const audit = (accounts: readonly Account[], sightings: readonly Sighting[]): Audit => {
  const parts = accounts.map((account) => auditBatch(account, sightings));
  const sum = (of: (part: Omit<Audit, 'refetched'>) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  return {
    lost: sum(({ lost }) => lost),
    doubled: sum(({ doubled }) => doubled),
    invented: sum(({ invented }) => invented),
    unsuccessful: sum(({ unsuccessful }) => unsuccessful),
    miscounted: sum(({ miscounted }) => miscounted),
    refetched: sightings.length - new Set(sightings.map(({ host, path }) => `${host}/${path}`)).size,
  };
};

const auditBatch = (
  { accepted, status, counts, results }: Account,
  sightings: readonly Sighting[],
): Omit<Audit, 'refetched'> => {
  const stored = new Set(results.map(({ index }) => index));
  const known = Array.from({ length: accepted.total }, (_, index) => index);
  const succeeded = results.filter(({ outcome }) => outcome === 'succeeded');
  const byOutcome = ['succeeded', 'failed', 'cancelled', 'expired'].map(
    (name) => [name, results.filter(({ outcome }) => outcome === name).length] as const,
  );
  const wrong = [...byOutcome, ['total', accepted.total] as const].filter(
    ([name, count]) => (counts[name] ?? 0) !== count,
  );
  return {
    lost: known.filter((index) => !stored.has(index)).length,
    doubled: results.length - stored.size,
    invented: succeeded.filter((result) => !wasGiven(result, accepted, sightings)).length,
    unsuccessful: results.length - succeeded.length,
    miscounted: wrong.length + (status === 'completed' ? 0 : 1),
  };
};

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

/** What every scenario promises: all zeros. */
export const zeros = (found: Audit, watch: { readonly wrongPolls: number }): readonly Bound[] => [
  { name: 'requests lost', value: found.lost, most: 0 },
  { name: 'results doubled', value: found.doubled, most: 0 },
  { name: 'results invented', value: found.invented, most: 0 },
  { name: 'requests that did not succeed', value: found.unsuccessful, most: 0 },
  { name: 'counts wrong at the end', value: found.miscounted, most: 0 },
  { name: 'polls with wrong counts', value: watch.wrongPolls, most: 0 },
];

export const refetchedFigure = ({ refetched }: Audit): Figure => ({
  name: 'fetched more than once',
  value: refetched,
});
