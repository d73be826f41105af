// The origin of a URL as text: scheme, host and port, by which politeness knows hosts. Called for every request.
import type { SliceRequest } from './request.ts';

/** The host that a request asks; empty for one that is not to be sent. */
export const hostOf = ({ url, refusal }: Pick<SliceRequest, 'url' | 'refusal'>): string =>
  refusal === undefined ? originOf(url) : '';

/** `https://example.org`, with the port where it is not the scheme's own. The URL has passed the URL rule. */
export const originOf = (url: string): string => {
  const authority = url.indexOf('//') + 2;
  let at = authority;
  let label = authority;
  for (; at < url.length; at += 1) {
    const code = url.charCodeAt(at);
    if (code === slash || code === question || code === hash) break;
    if (code === dot) label = at + 1;
    else if (!isPlain(code)) return new URL(url).origin;
  }
  // A last label that begins with a digit makes it an IPv4 address, which has many spellings.
  return isLetter(url.charCodeAt(label)) && url.startsWith('http') ? url.slice(0, at) : new URL(url).origin;
};

const [dot, slash, question, hash] = [0x2e, 0x2f, 0x3f, 0x23];
const isLetter = (code: number): boolean => code >= 0x61 && code <= 0x7a;

/** What a host of a URL may be written with so that it stands for itself: no upper case, port, userinfo, escape or bracket. */
const isPlain = (code: number): boolean => isLetter(code) || (code >= 0x30 && code <= 0x39) || code === 0x2d;
