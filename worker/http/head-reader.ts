// Response heads from raw bytes to lists of fields. The answers of a host mostly have the same head until the next second
// begins, so the last list of each host is kept.
import type { HeaderList } from '../../shared/result.ts';

/** Names and values by turns, in bytes → name (lower case), value, name, value … in Latin-1. */
export type HeadReader = (raw: readonly Buffer[]) => HeaderList;

/** Thousands of hosts are remembered. */
const longestKept = 2048;

export const createHeadReader = (): HeadReader => {
  const last: { text: string; list: HeaderList } = { text: '', list: [] };
  return (raw) => {
    const text = wholeText(raw);
    // Only what came in one piece is kept, so a text like it is that head again.
    if (text !== '' && text === last.text) return last.list;
    const list = text === '' ? undefined : fromText(text, raw);
    if (list === undefined) return fromPieces(raw);
    if (text.length <= longestKept) Object.assign(last, { text, list });
    return list;
  };
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
const fromText = (text: string, raw: readonly Buffer[]): HeaderList | undefined => {
  const list: string[] = [];
  let [start, end] = [-1, 0];
  for (const bytes of raw) {
    const at = bytes.byteOffset;
    if (start === -1) start = at;
    if (at < end || bytes.buffer !== raw[0]?.buffer) return undefined;
    end = at + bytes.length;
    list.push(fieldPart(text.slice(at - start, end - start), list.length));
  }
  return list;
};

const fromPieces = (raw: readonly Buffer[]): HeaderList =>
  raw.map((bytes, place) => fieldPart(bytes.toString('latin1'), place));

const fieldPart = (text: string, place: number): string => (place % 2 === 0 ? text.toLowerCase() : text);
