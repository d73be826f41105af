// Stored results → JSON text, one line each. A hot path: a million results are exported through here.
import type { AttemptEntry, StoredBody, StoredResult, Timings } from '../../shared/result.ts';
import { toContentMember } from './body-text.ts';
import { decodeWire, type DeliveredBody } from './decoded-body.ts';
import { encodedType, parseMediaType } from './media-type.ts';
import { firstValue, toHeadersView } from './response-headers.ts';

export const resultFields = [
  'index',
  'id',
  'url',
  'outcome',
  'status',
  'headers',
  'body',
  'finalUrl',
  'redirects',
  'failure',
  'attempts',
  'timings',
  'connection',
] as const;
export type ResultField = (typeof resultFields)[number];

export type ViewOptions = {
  /** Path of the batch's results; bodies are at `<path>/<index>/body`. */
  readonly path: string;
  /** All fields where it is absent. */
  readonly fields?: ReadonlySet<ResultField> | undefined;
};

/** Bodies that decode to more are linked, not shown: 16 KiB of gzip may hold 16 MiB. */
export const maxShownBytes = 65_536;

/** The JSON text of each result, without line breaks, in the order given. */
export const writeResults = async (
  results: readonly StoredResult[],
  options: ViewOptions,
): Promise<string[]> => {
  const withBodies = options.fields?.has('body') ?? true;
  const shown = withBodies ? await Promise.all(results.map(decodeShown)) : undefined;
  return results.map((result, at) => writeResult(result, options, shown?.[at]));
};

type Shown = DeliveredBody | undefined;

/** What is shown of a body; undefined where it is linked instead. */
const decodeShown = async (result: StoredResult): Promise<Shown> => {
  const { body } = result;
  if (body?.inline === undefined || body.bytes > maxShownBytes) return undefined;
  return await decodeWire(body.inline, result);
};

const writeResult = (result: StoredResult, options: ViewOptions, shown: Shown): string => {
  let members = '';
  for (const field of resultFields) {
    if (options.fields?.has(field) === false) continue;
    const value = writers[field](result, { path: options.path, shown });
    if (value !== undefined) members += `${members === '' ? '' : ','}"${field}":${value}`;
  }
  return `{${members}}`;
};

type Context = { readonly path: string; readonly shown: Shown };
type Writer = (result: StoredResult, context: Context) => string | undefined;

// Written member by member: JSON.stringify of a whole view, and making the view, took twice the time.
const writers: Readonly<Record<ResultField, Writer>> = {
  index: ({ index }) => String(index),
  id: ({ id }) => (id === undefined ? undefined : JSON.stringify(id)),
  url: ({ url }) => JSON.stringify(url),
  outcome: ({ outcome }) => `"${outcome}"`,
  status: ({ status }) => (status === undefined ? undefined : String(status)),
  headers: ({ headers }) => (headers === undefined ? undefined : JSON.stringify(toHeadersView(headers))),
  body: (result, context) =>
    result.body === undefined ? undefined : writeBody(result.body, result, context),
  finalUrl: ({ finalUrl }) => (finalUrl === undefined ? undefined : JSON.stringify(finalUrl)),
  redirects: ({ redirects }) => (redirects === undefined ? undefined : JSON.stringify(redirects)),
  failure: ({ failure }) => (failure === undefined ? undefined : JSON.stringify(failure)),
  attempts: ({ attempts }) => `[${attempts.map(writeAttempt).join(',')}]`,
  timings: ({ timings }) => writeTimings(timings),
  connection: ({ connection }) => (connection === undefined ? undefined : JSON.stringify(connection)),
};

const writeAttempt = (attempt: AttemptEntry): string => {
  const { startedAt, waitMs, totalMs, status, throttled, failure, connection } = attempt;
  const begin = `{"startedAt":"${new Date(startedAt).toISOString()}","waitMs":${waitMs},"totalMs":${totalMs}`;
  const answer = status === undefined ? '' : `,"status":${status}`;
  const refusal = throttled === undefined ? '' : `,"throttled":true`;
  const reason = failure === undefined ? '' : `,"failure":${JSON.stringify(failure)}`;
  const carrier = connection === undefined ? '' : `,"connection":${JSON.stringify(connection)}`;
  return `${begin}${answer}${refusal}${reason}${carrier}}`;
};

const writeTimings = ({ queueMs, dnsMs, connectMs, tlsMs, ttfbMs, bodyMs, totalMs }: Timings): string =>
  `{"queueMs":${queueMs},"dnsMs":${dnsMs},"connectMs":${connectMs},"tlsMs":${tlsMs},` +
  `"ttfbMs":${ttfbMs},"bodyMs":${bodyMs},"totalMs":${totalMs}}`;

const writeBody = (body: StoredBody, result: StoredResult, { path, shown }: Context): string => {
  const field = firstValue(result.headers, 'content-type');
  const content =
    shown === undefined
      ? `"href":${JSON.stringify(`${path}/${result.index}/body`)}`
      : toContentMember(shown.bytes, shown.isEncoded ? encodedType : parseMediaType(field), !body.truncated);
  const type = field === undefined ? 'null' : JSON.stringify(field);
  return `{${content},"bytes":${body.bytes},"contentType":${type},"truncated":${body.truncated}}`;
};
