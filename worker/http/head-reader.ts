// Response heads from raw bytes to lists of fields. The answers of a host mostly have the same head until the next second
// begins, so the last list of each host is kept.
import type { HeaderList } from '../../shared/result.ts';

/** Names and values by turns, in bytes → name (lower case), value, name, value … in Latin-1. */
export type HeadReader = (raw: readonly Buffer[]) => HeaderList;

export const createHeadReader = (): HeadReader => {
  const last: { text: string; list: HeaderList } = { text: '', list: [] };
  return (raw) => {
    const text = wholeText(raw);
    // Only what came in one piece is kept, so a text like it is that head again.
    if (text !== '' && text === last.text) return last.list;
    if (!isInOnePiece(raw)) return toList(raw, (bytes) => bytes.toString('latin1'));
    const start = raw[0]?.byteOffset ?? 0;
    last.text = text;
    last.list = toList(raw, ({ byteOffset, length }) =>
      text.slice(byteOffset - start, byteOffset - start + length),
    );
    return last.list;
  };
};

/** From the first name to the last value, where both are of the same piece; 0.5 µs instead of 4 for reading each by itself. */
const wholeText = (raw: readonly Buffer[]): string => {
  const first = raw[0];
  const last = raw[raw.length - 1];
  if (first === undefined || last === undefined || first.buffer !== last.buffer) return '';
  const length = last.byteOffset + last.length - first.byteOffset;
  return length > 0 ? Buffer.from(first.buffer, first.byteOffset, length).toString('latin1') : '';
};

/** undici puts together what came in several, in bytes of its own. */
const isInOnePiece = (raw: readonly Buffer[]): boolean => {
  let end = 0;
  return raw.every((bytes) => {
    const isNext = bytes.buffer === raw[0]?.buffer && bytes.byteOffset >= end;
    end = bytes.byteOffset + bytes.length;
    return isNext;
  });
};

const toList = (raw: readonly Buffer[], read: (bytes: Buffer) => string): HeaderList =>
  raw.map((bytes, place) => (place % 2 === 0 ? read(bytes).toLowerCase() : read(bytes)));
