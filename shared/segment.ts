// The codec of a segment: several results packed together. A byte of version, a byte of outcomes, then deflated msgpack.
import { deflateRaw, inflateRawSync } from 'node:zlib';
import { promisify } from 'node:util';
import { Packr } from 'msgpackr';
import { failureMeanings, type Failure, type FailureCode } from './failure.ts';
import {
  outcomes,
  type AttemptEntry,
  type ConnectionUse,
  type ResultOutcome,
  type StoredBody,
  type StoredResult,
  type Timings,
} from './result.ts';

/** Results one segment holds at most; cursors count on it. */
export const maxSegmentResults = 1000;

const version = 1;
const packr = new Packr({ useRecords: false });
const deflate = promisify(deflateRaw);

// Arrays instead of objects, and numbers in tenths of a ms: less to pack, and alike rows deflate well.
type Row = [
  index: number,
  slice: number,
  id: string | null,
  url: string,
  outcome: number,
  status: number,
  headers: string | null,
  body: [Uint8Array | string | null, wireBytes: number, bytes: number, truncated: boolean] | null,
  timings: number[],
  startedAt: number,
  connection: [flags: number, remoteAddress: string | null, diagnosis: string | null] | null,
  rest:
    | (Pick<StoredResult, 'finalUrl' | 'redirects' | 'failure'> & { attempts?: readonly AttemptEntry[] })
    | null,
];

/** Deflates at the fastest level, off the event loop. */
export const packSegment = async (results: readonly StoredResult[]): Promise<Buffer> => {
  const rows = await deflate(packr.pack(results.map(toRow)), { level: 1 });
  const mask = results.reduce((bits, { outcome }) => bits | outcomeBit(outcome), 0);
  return Buffer.concat([Buffer.from([version, mask]), rows]);
};

/** Throws on bytes that are no segment, or of a version this build does not read. */
export const unpackSegment = (packed: Buffer): StoredResult[] => {
  if (packed[0] !== version)
    throw new Error(`a segment of version ${packed[0]} cannot be read by this build`);
  return (packr.unpack(inflateRawSync(packed.subarray(2))) as Row[]).map(fromRow);
};

/** Whether a packed segment has any result of this outcome, without unpacking it. */
export const hasOutcome = (packed: Buffer, outcome: ResultOutcome): boolean =>
  ((packed[1] ?? 0) & outcomeBit(outcome)) !== 0;

const outcomeBit = (outcome: ResultOutcome): number => 1 << outcomes.indexOf(outcome);

const tenths = (ms: number): number => Math.round(ms * 10);

const toRow = (result: StoredResult): Row => {
  const { body, timings } = result;
  const [only, second] = result.attempts;
  return [
    result.index,
    result.slice,
    result.id ?? null,
    result.url,
    outcomes.indexOf(result.outcome),
    result.status ?? 0,
    result.headers?.join('\n') ?? null,
    body === undefined ? null : [body.inline ?? body.ref ?? null, body.wireBytes, body.bytes, body.truncated],
    [
      tenths(timings.queueMs),
      tenths(timings.dnsMs),
      tenths(timings.connectMs),
      tenths(timings.tlsMs),
      tenths(timings.ttfbMs),
      tenths(timings.bodyMs),
      tenths(timings.totalMs),
    ],
    only?.startedAt ?? 0,
    result.connection === undefined ? null : packConnection(result.connection),
    restOf(result, second !== undefined),
  ];
};

/** The rare parts; the log of a single attempt says what the result says, so it is not stored twice. */
const restOf = (result: StoredResult, wasRetried: boolean): Row[11] => {
  const { finalUrl, redirects, failure, attempts } = result;
  if (finalUrl === undefined && redirects === undefined && failure === undefined && !wasRetried) return null;
  return {
    ...(finalUrl !== undefined && { finalUrl }),
    ...(redirects !== undefined && { redirects }),
    ...(failure !== undefined && { failure }),
    ...(wasRetried && { attempts }),
  };
};

// Assigned field by field: spreading optional parts into a literal costs more than all the rest (an export reads millions).
const fromRow = (row: Row): StoredResult => {
  const [index, slice, id, url, outcome, status, headers, body, stored, startedAt, connection, rest] = row;
  const timings = readTimings(stored);
  const attempt: Writable<AttemptEntry> = { startedAt, waitMs: 0, totalMs: timings.totalMs };
  const result: Writable<StoredResult> = {
    index,
    slice,
    url,
    outcome: outcomes[outcome] ?? 'failed',
    attempts: rest?.attempts ?? [attempt],
    timings,
  };
  if (id !== null) result.id = id;
  if (status !== 0) result.status = attempt.status = status;
  if (headers !== null) result.headers = headers === '' ? [] : headers.split('\n');
  if (body !== null) result.body = readBody(body);
  if (connection !== null) result.connection = attempt.connection = readConnection(connection);
  if (rest?.finalUrl !== undefined) result.finalUrl = rest.finalUrl;
  if (rest?.redirects !== undefined) result.redirects = rest.redirects;
  if (rest?.failure !== undefined) result.failure = attempt.failure = knownFailure(rest.failure);
  return result;
};

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

const connectionFlags = { reused: 1, fresh: 2, http1: 4, h2: 8 } as const;

const packConnection = ({ reused, policy, protocol, remoteAddress, diagnosis }: ConnectionUse): Row[10] => {
  const { fresh, http1, h2 } = connectionFlags;
  const carried = protocol === 'http/1.1' ? http1 : protocol === 'h2' ? h2 : 0;
  const flags = (reused ? connectionFlags.reused : 0) | (policy === 'fresh' ? fresh : 0) | carried;
  return [flags, remoteAddress ?? null, diagnosis ?? null];
};

const readConnection = ([flags, remoteAddress, diagnosis]: NonNullable<Row[10]>): ConnectionUse => {
  const { reused, fresh, http1, h2 } = connectionFlags;
  const connection: Writable<ConnectionUse> = {
    reused: (flags & reused) !== 0,
    policy: (flags & fresh) !== 0 ? 'fresh' : 'reuse',
  };
  if ((flags & http1) !== 0) connection.protocol = 'http/1.1';
  if ((flags & h2) !== 0) connection.protocol = 'h2';
  if (remoteAddress !== null) connection.remoteAddress = remoteAddress;
  if (diagnosis !== null) connection.diagnosis = diagnosis;
  return connection;
};

const readTimings = (stored: readonly number[]): Timings => {
  const [queue = 0, dns = 0, connect = 0, tls = 0, ttfb = 0, body = 0, total = 0] = stored;
  return {
    queueMs: queue / 10,
    dnsMs: dns / 10,
    connectMs: connect / 10,
    tlsMs: tls / 10,
    ttfbMs: ttfb / 10,
    bodyMs: body / 10,
    totalMs: total / 10,
  };
};

const readBody = ([kept, wireBytes, bytes, truncated]: NonNullable<Row[7]>): StoredBody => ({
  ...(typeof kept === 'string' ? { ref: kept } : kept !== null && { inline: kept }),
  wireBytes,
  bytes,
  truncated,
});

/** A code that a newer build wrote and this one does not know reads as `internal`. */
const knownFailure = ({ code, message }: { code: string; message: string }): Failure =>
  Object.hasOwn(failureMeanings, code)
    ? { code: code as FailureCode, message }
    : { code: 'internal', message: `${code}: ${message}` };
