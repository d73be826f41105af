// A forward proxy as the user writes it: `http://user:pass@host:port`. Its credentials are for the proxy alone.
import { z } from 'zod';

export type Proxy = {
  readonly scheme: 'http' | 'https' | 'socks5';
  /** A name, or an address without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly credentials?: { readonly user: string; readonly password: string };
};

const defaultPorts = { http: 80, https: 443, socks5: 1080 } as const;
const form = /^(https?|socks5):\/\/(?:([^/?#@]*)@)?([^/?#@]+?)(?::(\d{1,5}))?\/?$/i;
const longestPart = 255; // bytes, RFC 1929

/** Reads the text of a proxy; undefined where it is none. */
export const parseProxy = (text: string): Proxy | undefined => {
  const [, scheme, userinfo, host = '', port] = form.exec(text) ?? [];
  const hostname = normalHost(host);
  const name = scheme?.toLowerCase() as Proxy['scheme'] | undefined;
  if (name === undefined || hostname === undefined || Number(port ?? 1) > 65_535 || port === '0')
    return undefined;
  const proxy = { scheme: name, hostname, port: Number(port ?? defaultPorts[name]) };
  if (userinfo === undefined) return proxy;
  const credentials = readCredentials(userinfo);
  return credentials === undefined ? undefined : { ...proxy, credentials };
};

/** As the URL standard spells it, so that no spelling of an address gets past the guard. */
const normalHost = (host: string): string | undefined => {
  if (!URL.canParse(`http://${host}/`)) return undefined;
  const url = new URL(`http://${host}/`);
  return url.port === '' && url.username === '' && url.pathname === '/'
    ? url.hostname.replace(/^\[|\]$/g, '')
    : undefined;
};

const readCredentials = (userinfo: string): Proxy['credentials'] | undefined => {
  const colon = userinfo.includes(':') ? userinfo.indexOf(':') : userinfo.length;
  try {
    const user = decodeURIComponent(userinfo.slice(0, colon));
    const password = decodeURIComponent(userinfo.slice(colon + 1));
    return isUsable(user) && isUsable(password) && user !== '' && !user.includes(':')
      ? { user, password }
      : undefined;
  } catch {
    return undefined;
  }
};

const isUsable = (part: string): boolean =>
  Buffer.byteLength(part) <= longestPart && !/[\u0000-\u001f\u007f]/.test(part);

// The message never repeats the text: it may hold a password.
export const proxySchema = z
  .string()
  .max(2048)
  .refine((text) => parseProxy(text) !== undefined, {
    message:
      'write a proxy as http://host:port, https://host:port or socks5://host:port, with user:password@ where it wants them',
  })
  .describe('A forward proxy: `http://`, `https://` or `socks5://user:pass@host:port`.');
