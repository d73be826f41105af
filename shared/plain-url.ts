// Tells the URLs that most submissions are made of from all others, without parsing them. Pure.
import { maxUrlLength } from './url-rule.ts';

// A host of lower-case letters, digits and hyphens whose last label cannot be part of an IPv4 address, no port, no user,
// and nothing after it but visible ASCII without the backslash. Punycode is left to the parser, which looks into it.
const plain =
  /^https?:\/\/(?:(?!xn--)[a-z0-9-]{1,63}\.)*(?!xn--)[a-z][a-z0-9-]{0,62}(?:[/?#][\x21-\x5b\x5d-\x7e]*)?$/;
const longestHost = 253;
const longestScheme = 'https://'.length;

/**
 * True only for a URL that every URL rule (url-rule.ts) accepts: it names a host, and the port of its scheme. Of others it
 * says nothing. 0.25 µs instead of 2 for the rule, which parses.
 */
export const isPlainUrl = (text: string): boolean =>
  text.length <= maxUrlLength &&
  plain.test(text) &&
  (text.length <= longestHost || text.slice(longestScheme).search(/[/?#]|$/) <= longestHost - 1);
