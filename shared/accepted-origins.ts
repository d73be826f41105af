// Reads URLs of origins that were accepted before, without parsing them: neighbours in a batch mostly ask the same few.

/** What is read of an http(s) URL: a URL object, or what it would say. */
export type WebUrl = Readonly<
  Pick<URL, 'href' | 'origin' | 'protocol' | 'hostname' | 'port' | 'pathname' | 'search' | 'hash'>
>;

export type AcceptedOrigins = {
  /**
   * The URL that the text spells if its origin is among them, and both are written as the URL standard writes them. Of other
   * texts it says nothing. 0.7 µs instead of 4 for parsing and judging.
   */
  read(text: string): WebUrl | undefined;
  add(url: WebUrl): void;
};

// A path and query that parsing leaves as they are: no dot segment, written out or escaped, and nothing to be escaped.
const unchanged = /^(?:\/(?:[\w~!$&()*+,;=:@-][\w.~!$&()*+,;=:@%-]*)?)+(?:\?[\w.~!$&()*+,;=:@%/?-]+)?$/;
const shortestOrigin = 'http://a'.length;
const mostOrigins = 1000;

/** Whether the URL goes on with a slash where `start` ends. */
export const hasStart = (url: string, start: string): boolean =>
  url.startsWith(start) && url.charCodeAt(start.length) === slash;

const slash = '/'.charCodeAt(0);

type Origin = Pick<WebUrl, 'origin' | 'protocol' | 'hostname' | 'port'>;

/** Takes texts of up to `longest` characters. */
export const createAcceptedOrigins = (longest: number): AcceptedOrigins => {
  const origins = new Map<string, Origin>();
  let latest: Origin | undefined;
  return {
    read(text) {
      if (latest === undefined || !hasStart(text, latest.origin)) {
        latest = origins.get(text.slice(0, text.indexOf('/', shortestOrigin)));
      }
      if (latest === undefined || text.length > longest) return undefined;
      const rest = text.slice(latest.origin.length);
      return unchanged.test(rest) ? toUrl(latest, text, rest) : undefined;
    },
    add({ origin, protocol, hostname, port }) {
      if (origins.size >= mostOrigins) {
        origins.clear();
        latest = undefined;
      }
      origins.set(origin, { origin, protocol, hostname, port });
    },
  };
};

const toUrl = ({ origin, protocol, hostname, port }: Origin, href: string, rest: string): WebUrl => {
  const question = rest.indexOf('?');
  const pathname = question === -1 ? rest : rest.slice(0, question);
  const search = question === -1 ? '' : rest.slice(question);
  return { href, origin, protocol, hostname, port, pathname, search, hash: '' };
};
