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
  connection: ConnectionUse | null,
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

const timingNames = ['queueMs', 'dnsMs', 'connectMs', 'tlsMs', 'ttfbMs', 'bodyMs', 'totalMs'] as const;

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
    timingNames.map((name) => Math.round(timings[name] * 10)),
    only?.startedAt ?? 0,
    result.connection ?? null,
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

const fromRow = (row: Row): StoredResult => {
  const [index, slice, id, url, outcome, status, headers, body, tenths, startedAt, connection, rest] = row;
  const timings = readTimings(tenths);
  const shared = { ...(status !== 0 && { status }), ...(connection !== null && { connection }) };
  const failure = rest?.failure === undefined ? undefined : knownFailure(rest.failure);
  return {
    index,
    slice,
    ...(id !== null && { id }),
    url,
    outcome: outcomes[outcome] ?? 'failed',
    ...(headers !== null && { headers: headers === '' ? [] : headers.split('\n') }),
    ...(body !== null && { body: readBody(body) }),
    ...rest,
    ...shared,
    ...(failure !== undefined && { failure }),
    attempts: rest?.attempts ?? [
      {
        startedAt,
        waitMs: 0,
        totalMs: timings.totalMs,
        ...shared,
        ...(failure !== undefined && { failure }),
      },
    ],
    timings,
  };
};

const readTimings = (tenths: readonly number[]): Timings => {
  const [queueMs = 0, dnsMs = 0, connectMs = 0, tlsMs = 0, ttfbMs = 0, bodyMs = 0, totalMs = 0] = tenths.map(
    (tenth) => tenth / 10,
  );
  return { queueMs, dnsMs, connectMs, tlsMs, ttfbMs, bodyMs, totalMs };
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
