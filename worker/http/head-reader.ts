// Response heads from raw bytes to lists of fields. The answers of a host mostly have the same head until the next second
// begins, so the last list of each host is kept.
import type { HeaderList } from '../../shared/result.ts';

/** Names and values by turns, in bytes → name (lower case), value, name, value … in Latin-1. */
export type HeadReader = (raw: readonly Buffer[]) => HeaderList;

/** Thousands of hosts are remembered. */
const longestKept = 2048;

export const createHeadReader = (): HeadReader => {
  let last: Head = { text: '', cuts: [], list: [] };
  return (raw) => {
    const text = wholeText(raw);
    if (text !== '' && text === last.text && isCutAt(last.cuts, raw)) return last.list;
    const head = text === '' ? undefined : fromText(text, raw);
    if (head === undefined) return fromPieces(raw);
    if (text.length <= longestKept) last = head;
    return head.list;
  };
};

/** `cuts`: where each part begins in the text, and where it ends. */
type Head = { readonly text: string; readonly cuts: readonly number[]; readonly list: HeaderList };

/** The text alone does not tell: what came in two pieces may lie in the same bytes, with those of another head between them. */
const isCutAt = (cuts: readonly number[], raw: readonly Buffer[]): boolean => {
  const start = raw[0]?.byteOffset ?? 0;
  let at = 0;
  for (const bytes of raw) {
    const begin = bytes.byteOffset - start;
    if (begin !== cuts[at] || begin + bytes.length !== cuts[at + 1]) return false;
    at += 2;
  }
  return at === cuts.length;
};

/** From the first name to the last value, where both are of the same piece. */
const wholeText = (raw: readonly Buffer[]): string => {
  const first = raw[0];
  const last = raw[raw.length - 1];
  if (first === undefined || last === undefined || first.buffer !== last.buffer) return '';
  const length = last.byteOffset + last.length - first.byteOffset;
  return length > 0 ? Buffer.from(first.buffer, first.byteOffset, length).toString('latin1') : '';
};

/** Undefined where some of it came in another piece: undici puts what was cut together in bytes of its own. */
const fromText = (text: string, raw: readonly Buffer[]): Head | undefined => {
  const list: string[] = [];
  const cuts: number[] = [];
  const start = raw[0]?.byteOffset ?? 0;
  let end = start;
  for (const bytes of raw) {
    const at = bytes.byteOffset;
    if (at < end || bytes.buffer !== raw[0]?.buffer) return undefined;
    end = at + bytes.length;
    cuts.push(at - start, end - start);
    list.push(fieldPart(text.slice(at - start, end - start), list.length));
  }
  return { text, cuts, list };
};

const fromPieces = (raw: readonly Buffer[]): HeaderList =>
  raw.map((bytes, place) => fieldPart(bytes.toString('latin1'), place));

const fieldPart = (text: string, place: number): string => (place % 2 === 0 ? text.toLowerCase() : text);
