// Results as CSV (RFC 4180), for spreadsheets: what is nested gets columns of its own, or is JSON in a cell.
import type { Excerpt } from '../../shared/excerpt.ts';
import { knownFailure, outcomeAt } from '../../shared/segment-columns.ts';
import { toContent } from './body-text.ts';
import { headOf, openExcerpt, shownOf, type ExcerptView } from './excerpt-view.ts';
import type { LineFormat } from './format.ts';
import { encodedType } from './media-type.ts';
import { writeTenths } from './numbers.ts';
import { hrefOf, resultFields, writers, type ResultField, type ViewOptions } from './result-view.ts';

/** Shown where no fields are named. */
const usualFields: ReadonlySet<ResultField> = new Set([
  'index',
  'id',
  'url',
  'outcome',
  'status',
  'body',
  'finalUrl',
  'failure',
  'timings',
]);

export const csv = ({ path, fields = usualFields }: ViewOptions): LineFormat => {
  const shown = resultFields.filter((field) => fields.has(field));
  const names = shown.flatMap((field) => columnsOf[field] ?? [field]);
  return {
    type: 'text/csv; charset=utf-8; header=present',
    extension: 'csv',
    head: `${names.join(',')}\r\n`,
    write: (excerpt) => writeRows(excerpt, shown, path),
    lineBreak: '\r\n',
  };
};

/** Of the fields that have several. */
const columnsOf: Partial<Readonly<Record<ResultField, readonly string[]>>> = {
  body: ['body', 'body.kind'],
  failure: ['failure.code', 'failure.message'],
  timings: ['queueMs', 'dnsMs', 'connectMs', 'tlsMs', 'ttfbMs', 'bodyMs', 'totalMs'].map(
    (name) => `timings.${name}`,
  ),
};

const writeRows = async (
  excerpt: Excerpt,
  shown: readonly ResultField[],
  path: string,
): Promise<string[]> => {
  const view = await openExcerpt(excerpt, shown.includes('body'));
  return excerpt.places.map((place) =>
    shown.flatMap((field) => cellsOf(field, { view, place, path })).join(','),
  );
};

type At = { readonly view: ExcerptView; readonly place: number; readonly path: string };

const cellsOf = (field: ResultField, at: At): readonly string[] =>
  cells[field]?.(at) ?? [toCell(writers[field](at.view, at.place, at.path) ?? '')];

/** Of the fields whose cells are not their JSON. */
const cells: Partial<Readonly<Record<ResultField, (at: At) => readonly string[]>>> = {
  id: ({ view, place }) => [toCell(view.rareAt(place)?.id ?? '')],
  url: ({ view, place }) => [toCell(JSON.parse(view.urlAt(place) ?? '""') as string)],
  outcome: ({ view, place }) => [outcomeAt(view.columns, place)],
  body: (at) => bodyCells(at),
  finalUrl: ({ view, place }) => [toCell(view.rareAt(place)?.finalUrl ?? '')],
  failure({ view, place }) {
    const rare = view.rareAt(place)?.failure;
    const failure = rare && knownFailure(rare);
    return [failure?.code ?? '', toCell(failure?.message ?? '')];
  },
  timings: ({ view, place }) =>
    view.columns[9].slice(place * 7, place * 7 + 7).map((tenths) => writeTenths(tenths)),
};

const bodyCells = ({ view, place, path }: At): readonly string[] => {
  const body = view.bodyAt(place);
  if (body === undefined) return ['', ''];
  const shown = shownOf(view, place, body);
  if (shown === undefined) return [toCell(hrefOf(path, view.columns[0][place])), 'href'];
  const type = shown.isEncoded ? encodedType : headOf(view, place).media;
  const { kind, text } = toContent(shown.bytes, type, !body.truncated);
  return [toCell(text), kind];
};

/**
 * A cell that a spreadsheet would take for a formula begins with an apostrophe
 * (OWASP, "CSV Injection": = + - @, tab, CR and LF, also in full width).
 */
const toCell = (text: string): string => {
  const harmless = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};
