// Where a redirect leads and as what request (RFC 9110 §15.4, Fetch "HTTP-redirect fetch"). Pure.
import { isUtf8 } from 'node:buffer';
import type { WebUrl } from '../../shared/accepted-origins.ts';
import type { HeaderList } from '../../shared/result.ts';
import type { UrlRefusal, UrlRule } from '../../shared/url-rule.ts';
import { fault } from './failure-of.ts';
import type { Fault } from './failure-of.ts';
import { countField, findField } from './header-list.ts';
import { dropContentFields, keepSafeFields } from './request-fields.ts';

/** A request as it goes over the wire. */
export type WireRequest = {
  readonly url: WebUrl;
  readonly method: string;
  readonly fields: readonly string[];
  readonly body: Uint8Array | undefined;
};

/** The hops so far, each as `METHOD url`, the first request included. */
export type Trail = { readonly seen: ReadonlySet<string>; readonly maxRedirects: number };

export type RedirectStep = { readonly next: WireRequest } | { readonly fault: Fault };

export const trailMark = ({ method, url }: WireRequest): string =>
  `${method} ${url.href.slice(0, -url.hash.length || undefined)}`;

/** What to do about a response; undefined when it is the answer, redirect or not. */
export const redirectStep = (
  asked: WireRequest,
  { status, headers }: { readonly status: number; readonly headers: HeaderList },
  urlRule: UrlRule,
  trail: Trail,
): RedirectStep | undefined => {
  if (trail.maxRedirects === 0 || !isRedirect(status, headers)) return undefined;
  const target = locate(headers, asked.url);
  if (target === undefined)
    return { fault: fault('invalid_response', 'the redirect has no single valid Location') };
  const verdict = urlRule(target);
  if ('refusal' in verdict) return { fault: refusedTarget(verdict.refusal, trail.seen.size) };
  const next = redirectTo(asked, status, verdict.url);
  if (next === undefined) return undefined;
  if (trail.seen.has(trailMark(next))) {
    return { fault: fault('too_many_redirects', `the redirects come back to ${verdict.url.href}`) };
  }
  if (trail.seen.size > trail.maxRedirects) {
    return { fault: fault('too_many_redirects', `more than ${trail.maxRedirects} redirects`) };
  }
  return { next };
};

const statuses: ReadonlySet<number> = new Set([300, 301, 302, 303, 307, 308]);

const isRedirect = (status: number, headers: HeaderList): boolean =>
  statuses.has(status) && findField(headers, 'location') !== undefined;

/** The absolute target, with the fragment inherited; undefined where Location names no single one. */
const locate = (headers: HeaderList, base: WebUrl): string | undefined => {
  const location = findField(headers, 'location') ?? '';
  const text = asUtf8(location);
  if (countField(headers, 'location') > 1 || !URL.canParse(text, base.href)) return undefined;
  const url = new URL(text, base.href);
  if (!location.includes('#')) url.hash = base.hash;
  // A raw backslash is legal in a query by the URL standard; our own rule for URLs wants it written as %5C.
  return url.href.replaceAll('\\', '%5C');
};

/** Servers write Location in UTF-8, as browsers read it; header fields come as Latin-1. */
const asUtf8 = (text: string): string => {
  if (!/[\u0080-\u00ff]/.test(text)) return text;
  const bytes = Buffer.from(text, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : text;
};

const unusable: ReadonlySet<UrlRefusal['reason']> = new Set([
  'url_too_long',
  'url_unparsable',
  'url_not_absolute',
  'url_host',
]);

const refusedTarget = ({ reason, message }: UrlRefusal, hop: number): Fault =>
  fault(
    unusable.has(reason) ? 'invalid_response' : 'blocked_address',
    `redirect ${hop} leads nowhere allowed: ${message}`,
  );

/**
 * The request to send to `url`; undefined when it would hand the body to another host, which only the user may decide.
 * Another origin gets none of the user's fields but a few that name nobody.
 */
const redirectTo = (asked: WireRequest, status: number, url: WebUrl): WireRequest | undefined => {
  const isSameOrigin = url.origin === asked.url.origin;
  const fields = isSameOrigin ? asked.fields : keepSafeFields(asked.fields);
  if (becomesGet(asked.method, status))
    return { url, method: 'GET', fields: dropContentFields(fields), body: undefined };
  if (asked.body !== undefined && !isSameOrigin && !isUpgrade(asked.url, url)) return undefined;
  return { url, method: asked.method, fields, body: asked.body };
};

const becomesGet = (method: string, status: number): boolean =>
  status === 303
    ? method !== 'GET' && method !== 'HEAD'
    : (status === 301 || status === 302) && method === 'POST';

const isUpgrade = (from: WebUrl, to: WebUrl): boolean =>
  from.protocol === 'http:' && to.protocol === 'https:' && from.hostname === to.hostname;
