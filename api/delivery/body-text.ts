// Bytes of a body → the JSON text of its view: json, text or base64. Pure.
import { decodeText } from '../../shared/charset.ts';
import { isJsonType, isTextType, type MediaType } from './media-type.ts';

export type Content = { readonly kind: 'json' | 'text' | 'base64'; readonly text: string };

export const toContent = (bytes: Uint8Array, { type, charset }: MediaType, isWhole: boolean): Content => {
  const decoded = isTextType(type)
    ? decodeText(bytes, { mediaType: type, charset, isCut: !isWhole })
    : undefined;
  if (decoded === undefined) return { kind: 'base64', text: toBase64(bytes) };
  const { text } = decoded;
  return { kind: isWhole && isJsonType(type) && isJson(text) ? 'json' : 'text', text };
};

/** One member, such as `"text":"…"`. */
export const toContentMember = (bytes: Uint8Array, type: MediaType, isWhole: boolean): string => {
  const { kind, text } = toContent(bytes, type, isWhole);
  if (kind === 'json') return `"json":${onOneLine(text)}`;
  return kind === 'text' ? `"text":${JSON.stringify(text)}` : `"base64":"${text}"`;
};

/** One member: `json` where the text may be JSON and is, `text` otherwise. */
export const writeText = (text: string, mayBeJson: boolean): string =>
  mayBeJson && isJson(text) ? `"json":${onOneLine(text)}` : `"text":${JSON.stringify(text)}`;

/**
 * What a body of nothing but ASCII is, if it is whole, without a look into it for its charset; undefined where only such
 * a look can tell.
 */
export const kindOfAscii = ({ type, charset = 'utf-8' }: MediaType): 'json' | 'text' | undefined => {
  if (type === '' || /[/+](?:x?html(?:\+xml)?|xml)$/.test(type) || !/^(?:utf-?8|us-ascii)$/i.test(charset))
    return undefined;
  if (isJsonType(type)) return 'json';
  return isTextType(type) ? 'text' : undefined;
};

const toBase64 = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

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
const onOneLine = (json: string): string =>
  json.includes('\n') || json.includes('\r') ? json.replaceAll(/[\r\n]+/g, ' ') : json;
