// One Set-Cookie field read as RFC 6265bis §5.6 and §5.7 say, with Domain only ever narrowed to the host. Pure.
import type { WebUrl } from '../../shared/accepted-origins.ts';

export type Cookie = {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly isSecure: boolean;
  /** Epoch ms. */
  readonly expiresAt: number;
};

const maxPairLength = 4096;
const maxAttributeLength = 1024;
const maxAgeMs = 400 * 86_400_000;

/**
 * The cookie that `url` may set by this field; undefined where it is not to be kept. Without a list of public suffixes
 * nobody can tell `co.uk` from `example.com`, so a cookie goes back to the very host that set it, and to no other.
 */
export const readCookie = (field: string, url: WebUrl, nowMs: number): Cookie | undefined => {
  const [pair = '', ...rest] = field.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, Math.max(0, equals)).trim();
  const value = pair.slice(equals + 1).trim();
  if (name === '' || name.length + value.length > maxPairLength || hasControls.test(pair)) return undefined;
  const attributes = readAttributes(rest);
  const isSecure = attributes.has('secure');
  if (isSecure && url.protocol !== 'https:') return undefined;
  if (!mayNameDomain(attributes.get('domain'), url.hostname)) return undefined;
  if (!keepsPrefix(name, isSecure, attributes)) return undefined;
  const path = attributes.get('path') ?? '';
  return {
    name,
    value,
    path: path.startsWith('/') ? path : defaultPath(url),
    isSecure,
    expiresAt: expiry(attributes, nowMs),
  };
};

const hasControls = /[\u0000-\u0008\u000a-\u001f\u007f]/;

const readAttributes = (parts: readonly string[]): ReadonlyMap<string, string> => {
  const attributes = new Map<string, string>();
  for (const part of parts) {
    const [name = '', ...value] = part.split('=');
    const text = value.join('=').trim();
    if (text.length <= maxAttributeLength) attributes.set(name.trim().toLowerCase(), text);
  }
  return attributes;
};

/** A Domain that the host is not part of makes the cookie void; any other only says where else a browser would send it. */
const mayNameDomain = (domain: string | undefined, hostname: string): boolean => {
  const bare = domain?.replace(/^\./, '').toLowerCase() ?? '';
  return bare === '' || hostname === bare || hostname.endsWith(`.${bare}`);
};

/** What the prefixes of RFC 6265bis §4.1.3 promise. */
const keepsPrefix = (name: string, isSecure: boolean, attributes: ReadonlyMap<string, string>): boolean => {
  if (/^__Secure-/i.test(name)) return isSecure;
  if (!/^__Host-/i.test(name)) return true;
  return isSecure && attributes.get('path') === '/' && (attributes.get('domain') ?? '') === '';
};

const defaultPath = ({ pathname }: WebUrl): string => pathname.slice(0, pathname.lastIndexOf('/')) || '/';

const expiry = (attributes: ReadonlyMap<string, string>, nowMs: number): number => {
  const age = /^-?\d+$/.exec(attributes.get('max-age') ?? '')?.[0];
  const latest = nowMs + maxAgeMs;
  if (age !== undefined) return Number(age) <= 0 ? 0 : Math.min(nowMs + Number(age) * 1000, latest);
  const date = readCookieDate(attributes.get('expires') ?? '');
  return Math.min(date ?? Number.POSITIVE_INFINITY, latest);
};

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Epoch ms of a cookie-date (RFC 6265bis §5.6.1): tokens in any order, always UTC; undefined where it is none. */
export const readCookieDate = (text: string): number | undefined => {
  let [time, day, month, year]: [RegExpExecArray | null, number, number, number] = [null, -1, -1, -1];
  for (const token of text.split(/[^\w:]+/)) {
    const clock = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)/.exec(token);
    const named = months.indexOf(token.slice(0, 3).toLowerCase());
    if (time === null && clock !== null) time = clock;
    else if (day < 0 && /^\d{1,2}(?!\d)/.test(token)) day = Number.parseInt(token, 10);
    else if (month < 0 && named >= 0) month = named;
    else if (year < 0 && /^\d{2,4}(?!\d)/.test(token)) year = Number.parseInt(token, 10);
  }
  if (year >= 0 && year < 70) year += 2000;
  else if (year >= 70 && year < 100) year += 1900;
  if (time === null || day < 1 || day > 31 || month < 0 || year < 1601) return undefined;
  const [hours, minutes, seconds] = time.slice(1).map(Number) as [number, number, number];
  return hours > 23 || minutes > 59 || seconds > 59
    ? undefined
    : Date.UTC(year, month, day, hours, minutes, seconds);
};
