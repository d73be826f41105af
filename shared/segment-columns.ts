// Results turned into columns and back: what is alike stands once or side by side, so there is little to pack. Pure.
import { failureMeanings, type Failure, type FailureCode } from './failure.ts';
import {
  outcomes,
  type AttemptEntry,
  type ConnectionUse,
  type HeaderList,
  type ResultOutcome,
  type StoredBody,
  type StoredResult,
  type Timings,
} from './result.ts';
import type { Writable } from './writable.ts';

/** Each array has an entry per result, unless said otherwise. */
export type Columns = [
  indexes: number[],
  slices: number[],
  /** One text, a line each: no accepted URL has a line break. */
  urls: string,
  outcomes: number[],
  statuses: number[],
  /** The distinct header lists, one field or value a line; and which of them each result has, or -1. */
  heads: string[],
  headOf: number[],
  /** The inline bodies, one after the other; and the length of each, or -1. */
  bytes: Uint8Array,
  lengths: number[],
  /** Seven tenths of ms per result, in the order of `Timings`. */
  timings: number[],
  /** Epoch ms of the first attempt of the first result, then of each the difference to it. */
  startedAt: number[],
  /** The distinct ways they were carried; and which of them each has, or -1. */
  connections: ConnectionUse[],
  connectionOf: number[],
  /** What few results have, by place. */
  rest: [place: number, rare: Rare][],
];

/** What is said of a result beside the columns; what is absent follows from them, as in `fromColumns`. */
export type Rare = Partial<Pick<StoredResult, 'id' | 'finalUrl' | 'redirects' | 'failure' | 'attempts'>> & {
  /** Where it is not simply the inline bytes, whole and without a content coding. */
  readonly body?: Omit<StoredBody, 'inline'>;
};

// Assigned column by column and field by field, here and below: this runs for every result written and read.
export const toColumns = (results: readonly StoredResult[]): Columns => {
  const heads = createDistinct(headText, (head, other) => head === other);
  const connections = createDistinct(connectionKey, isSameUse);
  const bodies: Uint8Array[] = [];
  const firstStart = results[0]?.attempts[0]?.startedAt ?? 0;
  const columns: Columns = [[], [], '', [], [], [], [], empty, [], [], [firstStart], [], [], []];
  for (const [place, result] of results.entries()) {
    const { timings, connection, headers } = result;
    const inline = result.body?.inline;
    columns[0].push(result.index);
    columns[1].push(result.slice);
    columns[3].push(outcomes.indexOf(result.outcome));
    columns[4].push(result.status ?? 0);
    columns[6].push(headers === undefined ? -1 : heads.placeOf(headers));
    columns[8].push(inline?.length ?? -1);
    pushTimings(columns[9], timings);
    columns[10].push((result.attempts[0]?.startedAt ?? firstStart) - firstStart);
    columns[12].push(connection === undefined ? -1 : connections.placeOf(connection));
    if (inline !== undefined) bodies.push(inline);
    const rare = rareOf(result);
    if (rare !== undefined) columns[13].push([place, rare]);
  }
  columns[2] = results.map(({ url }) => url).join('\n');
  columns[5] = heads.values.map(headText);
  columns[7] = Buffer.concat(bodies);
  columns[11] = connections.values;
  return columns;
};

const empty = new Uint8Array();

type Distinct<T> = { readonly values: T[]; placeOf(value: T): number };

/** Most values are `alike` the one before: only of the others the key is made. */
const createDistinct = <T>(
  keyOf: (value: T) => string,
  areAlike: (value: T, other: T) => boolean,
): Distinct<T> => {
  const places = new Map<string, number>();
  const values: T[] = [];
  let last: { readonly value: T; readonly place: number } | undefined;
  return {
    values,
    placeOf(value) {
      if (last !== undefined && areAlike(value, last.value)) return last.place;
      const key = keyOf(value);
      const place = places.get(key) ?? values.push(value) - 1;
      places.set(key, place);
      last = { value, place };
      return place;
    },
  };
};

const headText = (headers: HeaderList): string => headers.join('\n');

const connectionKey = ({ reused, policy, protocol, remoteAddress, diagnosis }: ConnectionUse): string =>
  `${reused ? 'r' : 'n'} ${policy} ${protocol} ${remoteAddress} ${diagnosis}`;

const isSameUse = (use: ConnectionUse, other: ConnectionUse): boolean =>
  use.reused === other.reused &&
  use.policy === other.policy &&
  use.protocol === other.protocol &&
  use.remoteAddress === other.remoteAddress &&
  use.diagnosis === other.diagnosis;

const pushTimings = (column: number[], timings: Timings): void => {
  column.push(
    tenths(timings.queueMs),
    tenths(timings.dnsMs),
    tenths(timings.connectMs),
    tenths(timings.tlsMs),
    tenths(timings.ttfbMs),
    tenths(timings.bodyMs),
    tenths(timings.totalMs),
  );
};

const tenths = (ms: number): number => Math.round(ms * 10);

const rareOf = (result: StoredResult): Rare | undefined => {
  const { id, body, finalUrl, redirects, failure, attempts } = result;
  const isUsualBody = body === undefined || isPlain(body);
  const isUsualLog = isSaidByResult(attempts, result);
  const hasMore =
    id !== undefined || finalUrl !== undefined || redirects !== undefined || failure !== undefined;
  if (isUsualBody && isUsualLog && !hasMore) return undefined;
  return {
    ...(id !== undefined && { id }),
    ...(finalUrl !== undefined && { finalUrl }),
    ...(redirects !== undefined && { redirects }),
    ...(failure !== undefined && { failure }),
    ...(!isUsualLog && { attempts }),
    ...(!isUsualBody && { body: withoutInline(body) }),
  };
};

/** Whether the log is of a single attempt, and tells nothing that its result does not tell. */
const isSaidByResult = (
  [attempt, second]: readonly AttemptEntry[],
  { status, failure, timings }: StoredResult,
): boolean => {
  if (attempt === undefined || second !== undefined) return false;
  const reason = failure?.code === 'http_status' ? undefined : failure;
  return (
    attempt.status === status &&
    attempt.failure?.code === reason?.code &&
    attempt.failure?.message === reason?.message &&
    attempt.throttled === undefined &&
    attempt.waitMs === 0 &&
    attempt.totalMs === timings.totalMs
  );
};

const isPlain = ({ inline, wireBytes, bytes, truncated }: StoredBody): boolean =>
  inline?.length === wireBytes && bytes === wireBytes && !truncated;

const withoutInline = ({ ref, wireBytes, bytes, truncated }: StoredBody): Omit<StoredBody, 'inline'> =>
  ref === undefined ? { wireBytes, bytes, truncated } : { ref, wireBytes, bytes, truncated };

export const fromColumns = (columns: Columns): StoredResult[] => {
  const urls = columns[2].split('\n');
  const heads = columns[5].map((head) => (head === '' ? [] : head.split('\n')));
  const [firstStart = 0, ...startedAfter] = columns[10];
  const rares = new Map(columns[13]);
  let offset = 0;
  return columns[0].map((index, place) => {
    const rare = rares.get(place);
    const timings = readTimings(columns[9], place * 7);
    const startedAt = firstStart + (startedAfter[place] ?? 0);
    const attempt: Writable<AttemptEntry> = { startedAt, waitMs: 0, totalMs: timings.totalMs };
    const result: Writable<StoredResult> = {
      index,
      slice: columns[1][place] ?? 0,
      url: urls[place] ?? '',
      outcome: outcomeAt(columns, place),
      attempts: [attempt],
      timings,
    };
    const status = columns[4][place] ?? 0;
    if (status !== 0) result.status = attempt.status = status;
    const headers = heads[columns[6][place] ?? -1];
    if (headers !== undefined) result.headers = headers;
    const connection = columns[11][columns[12][place] ?? -1];
    if (connection !== undefined) result.connection = attempt.connection = connection;
    const length = columns[8][place] ?? -1;
    if (length >= 0) {
      const inline = columns[7].subarray(offset, offset + length);
      offset += length;
      result.body = { inline, wireBytes: length, bytes: length, truncated: false };
    }
    if (rare !== undefined) addRare(result, attempt, rare);
    return result;
  });
};

/** An outcome that a newer build wrote and this one does not know reads as `failed`. */
export const outcomeAt = (columns: Columns, place: number): ResultOutcome =>
  outcomes[columns[3][place] ?? 1] ?? 'failed';

const readTimings = (column: readonly number[], at: number): Timings => ({
  queueMs: (column[at] ?? 0) / 10,
  dnsMs: (column[at + 1] ?? 0) / 10,
  connectMs: (column[at + 2] ?? 0) / 10,
  tlsMs: (column[at + 3] ?? 0) / 10,
  ttfbMs: (column[at + 4] ?? 0) / 10,
  bodyMs: (column[at + 5] ?? 0) / 10,
  totalMs: (column[at + 6] ?? 0) / 10,
});

const addRare = (result: Writable<StoredResult>, attempt: Writable<AttemptEntry>, rare: Rare): void => {
  if (rare.id !== undefined) result.id = rare.id;
  if (rare.finalUrl !== undefined) result.finalUrl = rare.finalUrl;
  if (rare.redirects !== undefined) result.redirects = rare.redirects;
  if (rare.failure !== undefined) {
    result.failure = knownFailure(rare.failure);
    // A refused status is a verdict on the response; the attempt itself did not fail.
    if (rare.failure.code !== 'http_status') attempt.failure = result.failure;
  }
  if (rare.attempts !== undefined) result.attempts = rare.attempts;
  if (rare.body !== undefined) {
    const inline = result.body?.inline;
    result.body = inline === undefined ? rare.body : { inline, ...rare.body };
  }
};

/** A code that a newer build wrote and this one does not know reads as `internal`. */
export const knownFailure = ({ code, message }: { code: string; message: string }): Failure =>
  Object.hasOwn(failureMeanings, code)
    ? { code: code as FailureCode, message }
    : { code: 'internal', message: `${code}: ${message}` };
