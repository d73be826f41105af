// The cookies of one batch: which are kept, and which go with a request (RFC 6265bis §5.7, §5.8).
import type { WebUrl } from '../../shared/accepted-origins.ts';
import type { HeaderList } from '../../shared/result.ts';
import { readCookie } from './cookie.ts';
import type { Cookie } from './cookie.ts';

/** Cookies, each for the host that set it. */
export type CookieJar = {
  /** Keeps what a response of `url` sets. */
  store(url: WebUrl, headers: HeaderList): void;
  /** The fields of a request to `url` with its cookies; what the user wrote wins by name. */
  addTo(fields: readonly string[], url: WebUrl): readonly string[];
};

export type CookieJarOptions = {
  /** Epoch ms. */
  readonly now: () => number;
};

/** Names and values kept in one jar, in characters; the host asked longest ago loses its cookies first. */
const maxJarLength = 262_144;
const maxPerHost = 50;
/** Of a Cookie field: more than that is refused by most servers. */
const maxFieldLength = 8192;

type Shelf = { readonly cookies: Map<string, Cookie>; length: number };

export const createCookieJar = ({ now }: CookieJarOptions): CookieJar => {
  const shelves = new Map<string, Shelf>();
  let length = 0;
  const put = (shelf: Shelf, cookie: Cookie): void => {
    const key = `${cookie.path};${cookie.name}`;
    const before = shelf.cookies.get(key);
    const after = cookie.expiresAt > now() ? cookie : undefined;
    if (before?.isSecure === true && !cookie.isSecure) return; // may not be replaced from outside TLS
    const change = sizeOf(after) - sizeOf(before);
    shelf.length += change;
    length += change;
    if (after === undefined) shelf.cookies.delete(key);
    else shelf.cookies.set(key, after);
  };
  const makeRoom = (shelf: Shelf): void => {
    for (const oldest of shelf.cookies.values()) {
      if (shelf.cookies.size <= maxPerHost) break;
      put(shelf, { ...oldest, isSecure: true, expiresAt: 0 });
    }
    for (const [host, { length: freed }] of shelves) {
      if (length <= maxJarLength) break;
      shelves.delete(host);
      length -= freed;
    }
  };
  return {
    store(url, headers) {
      for (let at = 0; at < headers.length; at += 2) {
        if (headers[at] !== 'set-cookie') continue;
        const cookie = readCookie(headers[at + 1] ?? '', url, now());
        if (cookie === undefined) continue;
        const shelf = shelves.get(url.hostname) ?? { cookies: new Map<string, Cookie>(), length: 0 };
        shelves.delete(url.hostname);
        shelves.set(url.hostname, shelf);
        put(shelf, cookie);
        makeRoom(shelf);
      }
    },
    addTo(fields, url) {
      const shelf = shelves.get(url.hostname);
      return shelf === undefined ? fields : merge(fields, matching(shelf, url, now()));
    },
  };
};

const sizeOf = (cookie: Cookie | undefined): number =>
  cookie === undefined ? 0 : cookie.name.length + cookie.value.length + cookie.path.length;

/** Longer paths first; among equals, the one kept first. */
const matching = (shelf: Shelf, url: WebUrl, nowMs: number): Cookie[] =>
  [...shelf.cookies.values()]
    .filter(
      ({ path, isSecure, expiresAt }) =>
        expiresAt > nowMs && (!isSecure || url.protocol === 'https:') && isUnder(url.pathname, path),
    )
    .toSorted((a, b) => b.path.length - a.path.length);

const isUnder = (pathname: string, path: string): boolean =>
  pathname === path || (pathname.startsWith(path) && (path.endsWith('/') || pathname[path.length] === '/'));

const merge = (fields: readonly string[], cookies: readonly Cookie[]): readonly string[] => {
  const at = fields.findIndex((name, place) => place % 2 === 0 && name.toLowerCase() === 'cookie');
  const written = at < 0 ? '' : (fields[at + 1] ?? '');
  const names = new Set(written.split(';').map((pair) => (pair.split('=')[0] ?? '').trim()));
  let text = written;
  for (const { name, value } of cookies) {
    if (names.has(name)) continue;
    const longer = text === '' ? `${name}=${value}` : `${text}; ${name}=${value}`;
    if (longer.length <= maxFieldLength) text = longer;
  }
  if (text === written) return fields;
  return at < 0 ? [...fields, 'cookie', text] : fields.with(at + 1, text);
};
