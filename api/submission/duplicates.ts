// Finds the requests of a submission that ask for what another of it asks for.
import type { FetchRequest, RequestDefaults } from '../../shared/request.ts';
import type { Entry } from './entry.ts';
import { createFingerprintSet } from './fingerprint-set.ts';

/** Whether one like it was asked for before: the same method, URL, headers and body. One with an id is like no other. */
export type DuplicateCheck = (entry: Entry) => boolean;

export const createDuplicateCheck = (defaults: RequestDefaults): DuplicateCheck => {
  const known = createFingerprintSet();
  return (entry) => {
    const text = textOf(entry, defaults);
    return text !== undefined && !known.add(text);
  };
};

const textOf = (entry: Entry, { method: usual = 'GET' }: RequestDefaults): string | undefined => {
  if (typeof entry === 'string') return entry; // no JSON, so it cannot be mistaken for one of the others
  if ('refusal' in entry || entry.id !== undefined) return undefined;
  const { url, method = usual, headers, auth, body, bodyBase64, json } = entry;
  const isUrlAlone = method === usual && [headers, auth, body, bodyBase64, json].every(isAbsent);
  return isUrlAlone ? url : JSON.stringify([url, method, sorted(headers), auth, body, bodyBase64, json]);
};

const isAbsent = (value: unknown): boolean => value === undefined;

/** Field names are the same in upper and lower case (RFC 9110 §5.1), and their order says nothing. */
const sorted = (headers: FetchRequest['headers'] = {}): [string, string][] =>
  Object.entries(headers)
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));

export type WithoutDuplicates = {
  readonly entries: AsyncIterable<readonly Entry[]>;
  /** How many were left out so far. */
  readonly duplicates: () => number;
};

/** The first of those that are alike, each in its order. */
export const withoutDuplicates = (
  entries: Iterable<readonly Entry[]> | AsyncIterable<readonly Entry[]>,
  defaults: RequestDefaults,
): WithoutDuplicates => {
  const isDuplicate = createDuplicateCheck(defaults);
  let count = 0;
  const filter = async function* (): AsyncGenerator<readonly Entry[]> {
    for await (const some of entries) {
      const first = some.filter((entry) => !isDuplicate(entry));
      count += some.length - first.length;
      yield first;
    }
  };
  return { entries: filter(), duplicates: () => count };
};
