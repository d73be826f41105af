// Response heads from raw bytes to lists of fields. The answers of a host mostly have the same head until the next second
// begins, so the last list of each host is kept.
import type { HeaderList } from '../../shared/result.ts';
import { isHead, learnHead } from './known-head.ts';
import type { KnownHead } from './known-head.ts';

/** Thousands of hosts are remembered. */
const longestKept = 2048;

/** Reads the heads of one host. */
export class HeadReader {
  #text = '';
  #fields: HeaderList = [];
  /** Whether they have come once only. */
  #isNew = true;
  #known: KnownHead | undefined;

  /** The head that `bytes` begin with, where it came twice before. */
  recognize(bytes: Buffer): KnownHead | undefined {
    return this.#known !== undefined && isHead(this.#known, bytes) ? this.#known : undefined;
  }

  /**
   * Names and values by turns, in bytes → name (lower case), value, name, value … in Latin-1. `came` is what the head came in,
   * from its first byte on, where that is known.
   */
  read(raw: readonly Buffer[], came?: Buffer): HeaderList {
    const text = wholeText(raw);
    // Only what came in one piece is kept, so a text like it is that head again.
    if (text !== '' && text === this.#text) {
      if (this.#isNew && came !== undefined) {
        this.#isNew = false;
        this.#known = learnHead(came, raw, this.#fields);
      }
      return this.#fields;
    }
    const fields = text === '' ? undefined : fromText(text, raw);
    if (fields === undefined) return fromPieces(raw);
    if (text.length > longestKept) return fields;
    this.#text = text;
    this.#fields = fields;
    this.#isNew = true;
    return fields;
  }
}

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
