// Bytes of a body → the JSON text of its view: json, text or base64. Pure.
import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { isJsonType, isTextType, type MediaType } from './media-type.ts';

/** One member, such as `"text":"…"`. */
export const toContentMember = (
  bytes: Uint8Array,
  { type, charset }: MediaType,
  isWhole: boolean,
): string => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = isTextType(type)
    ? decodeText(isWhole ? buffer : dropCutCharacter(buffer), charset)
    : undefined;
  if (text === undefined) return `"base64":"${buffer.toString('base64')}"`;
  if (isWhole && isJsonType(type) && isJson(text)) return `"json":${onOneLine(text)}`;
  return `"text":${JSON.stringify(text)}`;
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/**
 * JSON goes out as it came, so that numbers keep all their digits. Line breaks in valid JSON stand between tokens only,
 * so a space in their place changes nothing.
 */
const onOneLine = (json: string): string => json.replaceAll(/[\r\n]+/g, ' ');

/** Undefined where the bytes are not valid in their charset. UTF-8 where no charset is named, or an unknown one. */
const decodeText = (bytes: Buffer, charset = 'utf-8'): string | undefined => {
  const decoder = decoderFor(charset);
  if (decoder === undefined) {
    return isUtf8(bytes) ? bytes.toString('utf8', hasByteOrderMark(bytes) ? 3 : 0) : undefined;
  }
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
};

const hasByteOrderMark = (bytes: Buffer): boolean =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

// The labels that a decoder is made for are those of the Encoding standard: some two hundred.
const decoders = new Map<string, TextDecoder>();

/** Undefined for UTF-8, which Buffer reads faster, and for labels that are not known. */
const decoderFor = (charset: string): TextDecoder | undefined => {
  const label = charset.toLowerCase();
  if (label === 'utf-8' || label === 'utf8') return undefined;
  const known = decoders.get(label);
  if (known !== undefined) return known;
  try {
    const decoder = new TextDecoder(label, { fatal: true });
    decoders.set(label, decoder);
    return decoder;
  } catch {
    return undefined;
  }
};

/** A body cut at a number of bytes may end within a character of UTF-8; that one is left out. */
const dropCutCharacter = (bytes: Buffer): Buffer => {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    return byte >= 0b1100_0000 ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
};
