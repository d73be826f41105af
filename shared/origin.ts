// The origin of a URL as text: scheme, host and port, by which politeness knows hosts. Called for every request.
import { hasStart } from './accepted-origins.ts';
import type { SliceRequest } from './request.ts';

/** The host that a request asks; empty for one that is not to be sent. */
export const hostOf = ({ url, refusal }: Pick<SliceRequest, 'url' | 'refusal'>): string =>
  refusal === undefined ? originOf(url) : '';

/** `https://example.org`, with the port where it is not the scheme's own. The URL has passed the URL rule. */
export const originOf = (url: string): string => {
  if (!hasStart(url, latest.start)) latest = readOrigin(url);
  return latest.origin;
};

/** `start` is all before the first slash after the host's name has begun: nothing of another host begins so. */
const readOrigin = (url: string): { readonly start: string; readonly origin: string } => {
  const plain = plainOrigin.exec(url)?.[0];
  if (plain !== undefined) return { start: plain, origin: plain };
  const end = url.indexOf('/', 'https://'.length);
  return { start: end === -1 ? url : url.slice(0, end), origin: new URL(url).origin };
};

// Neighbours in a batch mostly ask the same host; and a name that is the same text each time is found faster in every map.
let latest = { start: 'http://localhost', origin: 'http://localhost' };

// What stands for itself: a name in lower case whose last label cannot be part of an IPv4 address, or such an address in
// its one usual spelling; and a port that no scheme leaves out. 0.2 µs instead of 2 for parsing.
const name = '(?:[a-z0-9-]+\\.)*[a-z][a-z0-9-]*';
const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const port = '(?!(?:80|443)(?!\\d))(?:[1-5]\\d{4}|[1-9]\\d{0,3})';
const plainOrigin = new RegExp(`^https?://(?:${name}|(?:${octet}\\.){3}${octet})(?::${port})?(?![^/?#])`);
