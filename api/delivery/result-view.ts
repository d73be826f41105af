// Stored results → JSON text, one line each. A hot path: a million results are exported through here.
import type { AttemptEntry, StoredBody, StoredResult } from '../../shared/result.ts';
import { toContentMember } from './body-text.ts';
import { decodeStored } from './decode-inline.ts';
import { parseMediaType } from './media-type.ts';
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
  const decoded = withBodies ? await Promise.all(results.map(decodeShown)) : undefined;
  return results.map((result, at) => writeResult(result, options, decoded?.[at]));
};

type Decoded = Uint8Array | undefined;

/** What is shown of a body; undefined where it is linked instead. */
const decodeShown = async ({ body, headers }: StoredResult): Promise<Decoded> => {
  if (body?.inline === undefined || body.bytes > maxShownBytes) return undefined;
  const contentEncoding = firstValue(headers, 'content-encoding');
  return contentEncoding === undefined
    ? body.inline
    : await decodeStored(body.inline, contentEncoding, body.bytes);
};

const writeResult = (result: StoredResult, options: ViewOptions, decoded: Decoded): string => {
  const { fields } = options;
  const { index, id, url, outcome, status, headers, body } = result;
  const { finalUrl, redirects, failure, attempts, timings, connection } = result;
  const shows = (field: ResultField): boolean => fields === undefined || fields.has(field);
  const head = { index, id, url, outcome, status, headers: undefined as unknown };
  if (headers !== undefined && shows('headers')) head.headers = toHeadersView(headers);
  const tail = { finalUrl, redirects, failure, attempts: attempts.map(toAttemptView), timings, connection };
  const members = [
    membersOf(head, fields),
    body !== undefined && shows('body') ? `"body":${writeBody(body, result, options.path, decoded)}` : '',
    membersOf(tail, fields),
  ];
  return `{${members.filter((member) => member !== '').join(',')}}`;
};

/** The text between the braces. */
const membersOf = (view: object, fields: ReadonlySet<string> | undefined): string => {
  const shown =
    fields === undefined
      ? view
      : Object.fromEntries(Object.entries(view).filter(([name]) => fields.has(name)));
  return JSON.stringify(shown).slice(1, -1);
};

const toAttemptView = ({ startedAt, ...rest }: AttemptEntry): object => ({
  startedAt: new Date(startedAt).toISOString(),
  ...rest,
});

const writeBody = (body: StoredBody, result: StoredResult, path: string, decoded: Decoded): string => {
  const field = firstValue(result.headers, 'content-type');
  const content =
    decoded === undefined
      ? `"href":${JSON.stringify(`${path}/${result.index}/body`)}`
      : toContentMember(decoded, parseMediaType(field), !body.truncated);
  const type = field === undefined ? 'null' : JSON.stringify(field);
  return `{${content},"bytes":${body.bytes},"contentType":${type},"truncated":${body.truncated}}`;
};
