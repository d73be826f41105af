// Which charset a text is in, and its text: BOM, Content-Type, then what the document says of itself (HTML, XML), then UTF-8.
import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

/** What the response said of its body: the media type in lower case, and the charset parameter. */
export type TextHints = {
  readonly mediaType?: string | undefined;
  readonly charset?: string | undefined;
  /** Whether the bytes may end within a character: then that one is left out. */
  readonly isCut?: boolean;
};

export type DecodedText = { readonly text: string; readonly charset: string };

/** Undefined where the bytes are not valid in their charset: then they are not this text, and are better kept as bytes. */
export const decodeText = (bytes: Uint8Array, hints: TextHints): DecodedText | undefined => {
  const decoder = findDecoder(bytes, hints);
  const charset = decoder.encoding;
  if (charset === 'utf-8' && hints.isCut !== true) return decodeUtf8(bytes);
  if (charset === 'windows-1252') return { text: decodeWindows1252(bytes), charset };
  try {
    return { text: hints.isCut === true ? decodeCut(bytes, charset) : decoder.decode(bytes), charset };
  } catch {
    return undefined;
  }
};

// A tenth of the time that the decoder takes for a small text.
const decodeUtf8 = (bytes: Uint8Array): DecodedText | undefined => {
  if (!isUtf8(bytes)) return undefined;
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const { buffer, byteOffset, byteLength } = bytes;
  const text = Buffer.from(buffer, byteOffset + start, byteLength - start).toString();
  return { text, charset: 'utf-8' };
};

// With a decoder of its own: that one remembers the character it waits for.
const decodeCut = (bytes: Uint8Array, charset: string): string =>
  new TextDecoder(charset, { fatal: true }).decode(bytes, { stream: true });

// Where windows-1252 differs from Latin-1, from 0x80 on. Node's decoder forgets the difference (nodejs/node#56542).
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

const decodeWindows1252 = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength)
    .toString('latin1')
    .replaceAll(/[\u0080-\u009f]/g, (control) => windows1252.charAt(control.charCodeAt(0) - 0x80));

const findDecoder = (bytes: Uint8Array, { mediaType, charset }: TextHints): TextDecoder =>
  decoderFor(charsetOfBom(bytes)) ??
  decoderFor(/^utf-?16$/i.test(charset ?? '') ? utf16Order(bytes) : charset) ??
  decoderFor(declaredCharset(bytes, mediaType)) ??
  utf8;

const charsetOfBom = (bytes: Uint8Array): string | undefined => {
  const [first, second, third] = [bytes[0], bytes[1], bytes[2]];
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return first === 0xff && second === 0xfe ? 'utf-16le' : undefined;
};

/** Without a mark to tell, the order that shows more ASCII; else big-endian (RFC 2781 §4.3). */
const utf16Order = (bytes: Uint8Array): string => {
  let lead = 0;
  for (let at = 0; at + 1 < Math.min(bytes.length, prescannedBytes); at += 2) {
    const [first = 0, second = 0] = [bytes[at], bytes[at + 1]];
    if (second === 0 && first < 0x80) lead += 1;
    if (first === 0 && second < 0x80) lead -= 1;
  }
  return lead > 0 ? 'utf-16le' : 'utf-16be';
};

/** How far into a document its own word is looked for (HTML standard, "prescan a byte stream"). */
const prescannedBytes = 1024;

const declaredCharset = (bytes: Uint8Array, mediaType = ''): string | undefined => {
  const isXml = /[/+]xml$/.test(mediaType);
  const isHtml = mediaType === 'text/html' || mediaType === 'application/xhtml+xml';
  if (!isXml && !isHtml && mediaType !== '') return undefined;
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, prescannedBytes)).toString(
    'latin1',
  );
  const declared = xmlCharset(start) ?? (isXml && !isHtml ? undefined : metaCharset(start));
  // A document that can be read this far as ASCII is not in UTF-16, whatever it says (HTML standard).
  return declared !== undefined && /^utf-?16/i.test(declared) ? 'utf-8' : declared;
};

const xmlCharset = (start: string): string | undefined =>
  /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']\s*([\w.:-]+)\s*["']/i.exec(start)?.[1];

const metaCharset = (start: string): string | undefined => {
  const markup = start.replaceAll(/<!--[^]*?(?:-->|$)/g, '');
  for (const [, attributes = ''] of markup.matchAll(/<meta[\s/]([^>]*)/gi)) {
    const own = /(?:^|[\s"'/])charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(attributes);
    const isContentType = /http-equiv\s*=\s*["']?content-type/i.test(attributes);
    const inContent = isContentType ? /charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(attributes) : null;
    const found = own?.[1] ?? inContent?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
};

const decoders = new Map<string, TextDecoder>();

/** Undefined for no label, and for one that the Encoding standard does not know. */
const decoderFor = (label: string | undefined): TextDecoder | undefined => {
  if (label === undefined) return undefined;
  const known = decoders.get(label.toLowerCase());
  if (known !== undefined) return known;
  const decoder = createDecoder(label);
  // Labels come from strangers: only those of the standard are remembered, some two hundred.
  if (decoder !== undefined) decoders.set(label.toLowerCase(), decoder);
  return decoder;
};

const createDecoder = (label: string): TextDecoder | undefined => {
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    return undefined;
  }
};

const utf8 = new TextDecoder('utf-8', { fatal: true });
