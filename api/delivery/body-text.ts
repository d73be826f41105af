// Bytes of a body → the JSON text of its view: json, text or base64. Pure.
import { decodeText } from '../../shared/charset.ts';
import { isJsonType, isTextType, type MediaType } from './media-type.ts';

/** One member, such as `"text":"…"`. */
export const toContentMember = (
  bytes: Uint8Array,
  { type, charset }: MediaType,
  isWhole: boolean,
): string => {
  const decoded = isTextType(type)
    ? decodeText(bytes, { mediaType: type, charset, isCut: !isWhole })
    : undefined;
  if (decoded === undefined) return `"base64":"${toBase64(bytes)}"`;
  const { text } = decoded;
  if (isWhole && isJsonType(type) && isJson(text)) return `"json":${onOneLine(text)}`;
  return `"text":${JSON.stringify(text)}`;
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
const onOneLine = (json: string): string => json.replaceAll(/[\r\n]+/g, ' ');
