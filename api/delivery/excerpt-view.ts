// An excerpt opened for writing: what its results share is worked out once, and each thing only when it is asked for.
import { isAscii } from 'node:buffer';
import type { Excerpt } from '../../shared/excerpt.ts';
import type { StoredBody, StoredResult } from '../../shared/result.ts';
import { fromColumns, type Columns, type Rare } from '../../shared/segment-columns.ts';
import { decodeWire, type DeliveredBody } from './decoded-body.ts';
import { toHeadView, viewHead, type HeadView } from './head-view.ts';

export type ExcerptView = Excerpt & {
  /** JSON of the URL. */
  urlAt(place: number): string | undefined;
  /** JSON of how it was carried. */
  connectionAt(place: number): string | undefined;
  rareAt(place: number): Rare | undefined;
  headAt(place: number): HeadView | undefined;
  bodyAt(place: number): StoredBody | undefined;
  /** The text of a body that is kept as it came, if all bodies here are ASCII. */
  asciiAt(place: number): string | undefined;
  /** The bodies whose content coding had to be undone to show them, by place. */
  readonly decoded: ReadonlyMap<number, DeliveredBody>;
};

/** Bodies that decode to more are linked, not shown: 16 KiB of gzip may hold 16 MiB. */
export const maxShownBytes = 65_536;

export const openExcerpt = async (excerpt: Excerpt, withBodies: boolean): Promise<ExcerptView> => {
  const shared = shareColumns(excerpt);
  return {
    ...excerpt,
    ...shared,
    decoded: withBodies ? await decodeShown(excerpt, shared) : noneDecoded,
  };
};

type SharedView = Omit<ExcerptView, keyof Excerpt | 'decoded'>;

/** In index order a segment comes in many small excerpts, mixed with those of its neighbours. */
const shareColumns = ({ columns, places }: Excerpt): SharedView => {
  if (places.length * 2 > columns[0].length) return openColumns(columns);
  const known = opened.get(columns);
  if (known !== undefined) return known;
  if (opened.size >= mostOpened) opened.clear();
  const view = openColumns(columns);
  opened.set(columns, view);
  return view;
};

const mostOpened = 64;
const opened = new Map<Columns, SharedView>();

const openColumns = (columns: Columns): SharedView => {
  const [rest, urls, connections] = [columns[13], columns[2], columns[11]];
  const urlTexts = once(() => toJsonUrls(urls));
  const connectionTexts = once(() => connections.map((connection) => JSON.stringify(connection)));
  const rares = rest.length === 0 ? undefined : new Map(rest);
  const heads: (HeadView | undefined)[] = [];
  const rareAt: ExcerptView['rareAt'] = (place) => rares?.get(place);
  return {
    urlAt: (place) => urlTexts()[place],
    connectionAt: (place) => connectionTexts()[columns[12][place] ?? -1],
    rareAt,
    headAt(place) {
      const at = columns[6][place] ?? -1;
      return at < 0 ? undefined : (heads[at] ??= viewHead(columns[5][at] ?? ''));
    },
    ...openBodies(columns, rareAt),
  };
};

const noneDecoded: ExcerptView['decoded'] = new Map();

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};

/** The head to judge a body by. */
export const headOf = (view: ExcerptView, place: number): HeadView => view.headAt(place) ?? noHead;
const noHead = toHeadView([]);

/** What is shown of the body at a place; undefined where it is linked instead. */
export const shownOf = (
  { decoded }: ExcerptView,
  place: number,
  { inline, bytes }: StoredBody,
): DeliveredBody | undefined =>
  inline === undefined || bytes > maxShownBytes
    ? undefined
    : (decoded.get(place) ?? { bytes: inline, isEncoded: false });

/** A URL that was accepted is ASCII without quotes or control characters; what else may be here is looked for. */
const toJsonUrls = (urls: string): string[] =>
  /["\\\u0000-\u0009\u000b-\u001f\ud800-\udfff]/.test(urls)
    ? urls.split('\n').map((url) => JSON.stringify(url))
    : `"${urls.replaceAll('\n', '"\n"')}"`.split('\n');

const openBodies = (
  columns: Columns,
  rareAt: ExcerptView['rareAt'],
): Pick<ExcerptView, 'bodyAt' | 'asciiAt'> => {
  const lengths = columns[8];
  const bytes = Buffer.from(columns[7].buffer, columns[7].byteOffset, columns[7].byteLength);
  const offsets = once(() => toOffsets(lengths));
  const isAllAscii = once(() => isAscii(bytes));
  return {
    bodyAt(place) {
      const kept = rareAt(place)?.body;
      const length = lengths[place] ?? -1;
      if (length < 0) return kept;
      const start = offsets()[place] ?? 0;
      const inline = bytes.subarray(start, start + length);
      if (kept !== undefined) return { inline, ...kept };
      return { inline, wireBytes: length, bytes: length, truncated: false };
    },
    asciiAt(place) {
      const length = lengths[place] ?? -1;
      if (length < 0 || rareAt(place)?.body !== undefined || !isAllAscii()) return undefined;
      const start = offsets()[place] ?? 0;
      return bytes.toString('latin1', start, start + length);
    },
  };
};

const toOffsets = (lengths: readonly number[]): number[] => {
  const offsets: number[] = [];
  let end = 0;
  for (const length of lengths) {
    offsets.push(end);
    if (length > 0) end += length;
  }
  return offsets;
};

const decodeShown = async (
  { columns, places }: Excerpt,
  { headAt, bodyAt }: SharedView,
): Promise<ExcerptView['decoded']> => {
  const encoded = places.filter((place) => {
    if (headAt(place)?.isEncoded !== true) return false;
    const body = bodyAt(place);
    return body?.inline !== undefined && body.bytes <= maxShownBytes;
  });
  if (encoded.length === 0) return noneDecoded;
  const results: readonly (StoredResult | undefined)[] = fromColumns(columns);
  const decoded = new Map<number, DeliveredBody>();
  await Promise.all(
    encoded.map(async (place) => {
      const result = results[place];
      const wire = result?.body?.inline;
      if (result !== undefined && wire !== undefined) decoded.set(place, await decodeWire(wire, result));
    }),
  );
  return decoded;
};
