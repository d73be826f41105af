// Tells the URLs that most submissions are made of from all others, without parsing them. Pure.
import { maxUrlLength } from './url-rule.ts';

// A host of lower-case letters, digits and hyphens whose last label cannot be part of an IPv4 address, no port, no user,
// and nothing after it but visible ASCII without the backslash. Punycode is left to the parser, which looks into it.
const host = '(?:(?!xn--)[a-z0-9-]{1,63}\\.)*(?!xn--)[a-z][a-z0-9-]{0,62}';
const plain = new RegExp(`^https?://${host}(?:[/?#][\\x21-\\x5b\\x5d-\\x7e]*)?$`);
const plainMember = new RegExp(`^\\{"url":"https?://${host}(?:[/?#][\\x21\\x23-\\x5b\\x5d-\\x7e]*)?"\\}$`);
const longestHost = 253;
const longestScheme = 'https://'.length;

/**
 * True only for a URL that every URL rule (url-rule.ts) accepts: it names a host, and the port of its scheme. Of others it
 * says nothing. 0.25 µs instead of 2 for the rule, which parses.
 */
export const isPlainUrl = (text: string): boolean => plain.test(text) && hasPlainLengths(text);

/** The URL in the JSON text `{"url":"…"}` if it is such a plain one, without parsing either: 0.3 µs instead of 1.5. */
export const plainUrlIn = (json: string): string | undefined => {
  if (!plainMember.test(json)) return undefined;
  const url = json.slice('{"url":"'.length, -'"}'.length);
  return hasPlainLengths(url) ? url : undefined;
};

const hasPlainLengths = (url: string): boolean =>
  url.length <= longestHost ||
  (url.length <= maxUrlLength && url.slice(longestScheme).search(/[/?#]|$/) < longestHost);
