// Which URLs may be fetched at all, judged by their text. The same rule stands at submission and at every redirect.
import { isIP } from 'node:net';
import { createAcceptedOrigins, type WebUrl } from './accepted-origins.ts';
import type { AddressPolicy } from './address-policy.ts';

export const maxUrlLength = 8192;

/** The reasons a URL is refused; `message` says what to mend. */
export type UrlRefusal = {
  readonly reason:
    | 'url_too_long'
    | 'url_whitespace_or_control'
    | 'url_backslash'
    | 'url_scheme'
    | 'url_not_absolute'
    | 'url_unparsable'
    | 'url_userinfo'
    | 'url_host'
    | 'url_port'
    | 'url_private_address';
  readonly message: string;
};

export type UrlVerdict = { readonly url: WebUrl } | { readonly refusal: UrlRefusal };

/** Judges the text of a URL: absolute http(s), no userinfo, no port of another protocol, no literal of a refused address. */
export type UrlRule = (text: string) => UrlVerdict;

// Ports of the Fetch standard's "bad port" list, and of stores and orchestrators that answer to HTTP-shaped bytes.
const refusedPorts = new Set(
  (
    '0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 ' +
    '135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 ' +
    '995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080 ' +
    '1433 1521 2181 2375 2376 2379 2380 3306 3389 5432 5672 6379 9042 9092 9200 9300 10250 10255 11211 27017'
  )
    .split(' ')
    .map(Number),
);

// Controls, white space, bidi and zero-width characters: nothing a URL needs, much that hides what it says.
const hiddenCharacters =
  /[\u0000-\u0020\u007f-\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/;

/** The verdict on an origin is remembered: it follows from `addresses`, which are not to change, and the origin alone. */
export const createUrlRule = (addresses: AddressPolicy): UrlRule => {
  const accepted = createAcceptedOrigins(maxUrlLength);
  return (text) => {
    const usual = accepted.read(text);
    if (usual !== undefined) return { url: usual };
    const refusal = refuseText(text);
    if (refusal !== undefined) return { refusal };
    const url = parseUrl(text);
    if (url === undefined) return refuse('url_unparsable', 'the URL cannot be parsed');
    if (url.username !== '' || url.password !== '') {
      return refuse('url_userinfo', 'remove the user name and password from the URL; give them as auth');
    }
    const refused = refuseTarget(url, addresses);
    if (refused !== undefined) return refused;
    accepted.add(url);
    return { url };
  };
};

const parseUrl = (text: string): URL | undefined => {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
};

const refuseText = (text: string): UrlRefusal | undefined => {
  if (text.length > maxUrlLength) {
    return {
      reason: 'url_too_long',
      message: `the URL has ${text.length} characters; at most ${maxUrlLength} are allowed`,
    };
  }
  if (hiddenCharacters.test(text)) {
    return {
      reason: 'url_whitespace_or_control',
      message: 'the URL has white space or control characters; percent-encode them',
    };
  }
  if (text.includes('\\'))
    return { reason: 'url_backslash', message: 'the URL has a backslash; use / or %5C' };
  if (/^https?:\/\/[^/?#]/i.test(text)) return undefined;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  return scheme === undefined || scheme === 'http' || scheme === 'https'
    ? { reason: 'url_not_absolute', message: 'the URL must be absolute: http://host/… or https://host/…' }
    : { reason: 'url_scheme', message: `the scheme ${scheme}: is not supported; use http: or https:` };
};

const refuseTarget = (url: WebUrl, addresses: AddressPolicy): UrlVerdict | undefined => {
  const port = portOf(url);
  if (refusedPorts.has(port) && !addresses.namesPort(port)) {
    return refuse('url_port', `port ${port} belongs to another protocol and is not fetched`);
  }
  const literal = literalAddress(url.hostname);
  if (literal !== undefined && !addresses.allows(literal, port)) {
    return refuse(
      'url_private_address',
      `${literal} is not a public address, and FETCHFLEET_ALLOW_NETWORKS does not allow it`,
    );
  }
  if (literal === undefined && !hasValidLabels(url.hostname)) {
    return refuse('url_host', 'the host name has an empty label, or one of more than 63 characters');
  }
  return undefined;
};

/** RFC 1035 §2.3.4; one trailing dot is the root. */
const hasValidLabels = (hostname: string): boolean => {
  const bare = hostname.replace(/\.$/, '');
  return bare.length <= 253 && bare.split('.').every((label) => label.length > 0 && label.length <= 63);
};

const refuse = (reason: UrlRefusal['reason'], message: string): UrlVerdict => ({
  refusal: { reason, message },
});

/** The effective port of an http(s) URL. */
export const portOf = (url: Pick<WebUrl, 'port' | 'protocol'>): number =>
  url.port !== '' ? Number(url.port) : url.protocol === 'https:' ? 443 : 80;

/** The IP address a URL's hostname spells, without brackets or trailing dot; undefined for names. */
export const literalAddress = (hostname: string): string | undefined => {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname.replace(/\.$/, '');
  return isIP(bare) === 0 ? undefined : bare;
};
