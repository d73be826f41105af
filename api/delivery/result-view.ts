// Stored results → JSON text, one line each. A hot path: a million results are exported through here.
import { toExcerpt, type Excerpt } from '../../shared/excerpt.ts';
import type { AttemptEntry, StoredResult } from '../../shared/result.ts';
import { knownFailure, outcomeAt, type Columns } from '../../shared/segment-columns.ts';
import { toContentMember, writeText } from './body-text.ts';
import { headOf, maxShownBytes, openExcerpt, shownOf, type ExcerptView } from './excerpt-view.ts';
import { encodedType } from './media-type.ts';
import { writeDate, writeTenths } from './numbers.ts';

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
  'cursor',
] as const;
export type ResultField = (typeof resultFields)[number];

/** Those that belong to the result itself, and not to its place among others. */
const ownFields = resultFields.filter((field) => field !== 'cursor');

export type ViewOptions = {
  /** Path of the batch's results; bodies are at `<path>/<index>/body`. */
  readonly path: string;
  /** All but `cursor` where it is absent. */
  readonly fields?: ReadonlySet<ResultField> | undefined;
};

/** As `writeExcerpt`, of results that stand in no segment. */
export const writeResults = (results: readonly StoredResult[], options: ViewOptions): Promise<string[]> =>
  writeExcerpt(
    toExcerpt(results, () => 0),
    options,
  );

/** The JSON text of each result, without line breaks, in the order given. */
export const writeExcerpt = async (excerpt: Excerpt, { path, fields }: ViewOptions): Promise<string[]> => {
  const shown = fields === undefined ? ownFields : resultFields.filter((field) => fields.has(field));
  const view = await openExcerpt(excerpt, shown.includes('body'));
  const openings = shown.map((field) => `{"${field}":`);
  const labels = shown.map((field) => `,"${field}":`);
  return excerpt.places.map((place) => {
    let members = '';
    for (const [at, field] of shown.entries()) {
      const value = writers[field](view, place, path);
      if (value !== undefined) members += `${members === '' ? openings[at] : labels[at]}${value}`;
    }
    return members === '' ? '{}' : `${members}}`;
  });
};

export type Writer = (view: ExcerptView, place: number, path: string) => string | undefined;

// Written from the columns, member by member: through objects and JSON.stringify it took five times as long.
export const writers: Readonly<Record<ResultField, Writer>> = {
  index: ({ columns }, place) => String(columns[0][place]),
  id: (view, place) => toJson(view.rareAt(place)?.id),
  url: (view, place) => view.urlAt(place),
  outcome: ({ columns }, place) => `"${outcomeAt(columns, place)}"`,
  status: ({ columns }, place) => (columns[4][place] === 0 ? undefined : String(columns[4][place])),
  headers: (view, place) => view.headAt(place)?.json,
  body: (view, place, path) => writeBody(view, place, path),
  finalUrl: (view, place) => toJson(view.rareAt(place)?.finalUrl),
  redirects: (view, place) => toJson(view.rareAt(place)?.redirects),
  failure: (view, place) => writeFailure(view.rareAt(place)?.failure),
  attempts: (view, place) => writeAttempts(view, place),
  timings: ({ columns }, place) => writeTimings(columns[9], place * 7),
  connection: (view, place) => view.connectionAt(place),
  cursor: (view, place) => String(view.cursorAt(place)),
};

const toJson = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);

const writeFailure = (failure: Parameters<typeof knownFailure>[0] | undefined): string | undefined =>
  failure === undefined ? undefined : JSON.stringify(knownFailure(failure));

const writeAttempts = (view: ExcerptView, place: number): string =>
  `[${view.rareAt(place)?.attempts?.map(writeAttempt).join(',') ?? writeSoleAttempt(view, place)}]`;

/** Of a result that tells all there is to tell of its one attempt; as `fromColumns` makes it. */
const writeSoleAttempt = (view: ExcerptView, place: number): string => {
  const { columns } = view;
  const [firstStart = 0] = columns[10];
  const startedAt = firstStart + (columns[10][place + 1] ?? 0);
  const status = columns[4][place] ?? 0;
  const failure = view.rareAt(place)?.failure;
  const connection = view.connectionAt(place);
  const begin = `{"startedAt":"${writeDate(startedAt)}","waitMs":0,"totalMs":${writeTenths(columns[9][place * 7 + 6])}`;
  const answer = status === 0 ? '' : `,"status":${status}`;
  // A refused status is a verdict on the response; the attempt itself did not fail.
  const reason =
    failure === undefined || failure.code === 'http_status' ? '' : `,"failure":${writeFailure(failure)}`;
  const carrier = connection === undefined ? '' : `,"connection":${connection}`;
  return `${begin}${answer}${reason}${carrier}}`;
};

const writeAttempt = (attempt: AttemptEntry): string => {
  const { startedAt, waitMs, totalMs, status, throttled, failure, connection } = attempt;
  const begin = `{"startedAt":"${writeDate(startedAt)}","waitMs":${waitMs},"totalMs":${totalMs}`;
  const answer = status === undefined ? '' : `,"status":${status}`;
  const refusal = throttled === undefined ? '' : `,"throttled":true`;
  const reason = failure === undefined ? '' : `,"failure":${JSON.stringify(failure)}`;
  const carrier = connection === undefined ? '' : `,"connection":${JSON.stringify(connection)}`;
  return `${begin}${answer}${refusal}${reason}${carrier}}`;
};

const writeTimings = (tenths: Columns[9], at: number): string =>
  `{"queueMs":${writeTenths(tenths[at])},"dnsMs":${writeTenths(tenths[at + 1])},` +
  `"connectMs":${writeTenths(tenths[at + 2])},"tlsMs":${writeTenths(tenths[at + 3])},` +
  `"ttfbMs":${writeTenths(tenths[at + 4])},"bodyMs":${writeTenths(tenths[at + 5])},` +
  `"totalMs":${writeTenths(tenths[at + 6])}}`;

export const hrefOf = (path: string, index: number | undefined): string => `${path}/${index}/body`;

const writeBody = (view: ExcerptView, place: number, path: string): string | undefined => {
  const head = headOf(view, place);
  const ascii = head.asciiIs === undefined ? undefined : view.asciiAt(place);
  if (ascii !== undefined && ascii.length <= maxShownBytes) {
    const content = writeText(ascii, head.asciiIs === 'json');
    return `{${content},"bytes":${ascii.length},"contentType":${head.contentTypeJson},"truncated":false}`;
  }
  const body = view.bodyAt(place);
  if (body === undefined) return undefined;
  const shown = shownOf(view, place, body);
  const content =
    shown === undefined
      ? `"href":${JSON.stringify(hrefOf(path, view.columns[0][place]))}`
      : toContentMember(shown.bytes, shown.isEncoded ? encodedType : head.media, !body.truncated);
  return `{${content},"bytes":${body.bytes},"contentType":${head.contentTypeJson},"truncated":${body.truncated}}`;
};
