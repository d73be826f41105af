// What httpbin makes depend on who asks, and where it sends them: redirects, credentials, cookies, caches.
import {
  any,
  failed,
  headers,
  hops,
  json,
  objectContaining,
  refused,
  stringContaining,
  succeeded,
} from './row.ts';
import type { Row } from './row.ts';

const sendsTo = (status: number, url = '/anything'): string =>
  `/redirect-to?status_code=${status}&url=${encodeURIComponent(url)}`;

const arrived = (status: number, method: string, data: string): object => ({
  ...json(objectContaining({ method, data })),
  redirects: hops(status),
  finalUrl: '{origin}/anything',
});

const posted = { method: 'POST', body: 'kept' };

export const redirects: readonly Row[] = [
  ['/redirect/3', { ...json(any(Object)), redirects: hops(302, 302, 302), finalUrl: '{origin}/get' }],
  ['/relative-redirect/2', { ...json(any(Object)), redirects: hops(302, 302), finalUrl: '{origin}/get' }],
  ['/absolute-redirect/2', { ...json(any(Object)), redirects: hops(302, 302), finalUrl: '{origin}/get' }],
  ['/redirect/4', failed('too_many_redirects'), { maxRedirects: 3 }],
  [
    '/redirect/3',
    { outcome: 'succeeded', status: 302, ...headers({ location: any(String) }) },
    { maxRedirects: 0 },
  ],
  ...[301, 302, 303, 307, 308].map((status): Row => [sendsTo(status), arrived(status, 'GET', '')]),
  ...[301, 302, 303].map((status): Row => [sendsTo(status), arrived(status, 'GET', ''), posted]),
  ...[307, 308].map((status): Row => [sendsTo(status), arrived(status, 'POST', 'kept'), posted]),
  [sendsTo(302), arrived(302, 'PUT', 'kept'), { ...posted, method: 'PUT' }],
  [sendsTo(303), arrived(303, 'GET', ''), { method: 'DELETE' }],
  [sendsTo(302, 'http://169.254.169.254/'), failed('blocked_address')],
];

/** What must be seen by nobody but the origin it is sent to. */
export const secret = 'token-that-nobody-else-sees';

export const identity: readonly Row[] = [
  [
    '/basic-auth/u/p%20w',
    json({ authenticated: true, user: 'u' }),
    { auth: { basic: { username: 'u', password: 'p w' } } },
  ],
  [
    '/basic-auth/u/p',
    refused(401, headers({ 'www-authenticate': stringContaining('Basic') })),
    { auth: { basic: { username: 'u', password: 'wrong' } } },
  ],
  [
    '/hidden-basic-auth/u/p',
    json({ authenticated: true, user: 'u' }),
    { auth: { basic: { username: 'u', password: 'p' } } },
  ],
  ['/hidden-basic-auth/u/p', refused(404)],
  ['/bearer', json({ authenticated: true, token: 'xyz.def' }), { auth: { bearer: 'xyz.def' } }],
  ['/bearer', refused(401, headers({ 'www-authenticate': 'Bearer' }))],
  ['/digest-auth/auth/u/p', refused(401, headers({ 'www-authenticate': stringContaining('nonce=') }))],
  [sendsTo(302, '{origin}/bearer'), json({ authenticated: true, token: 'x' }), { auth: { bearer: 'x' } }],
  [sendsTo(302, '{elsewhere}/bearer'), refused(401, { redirects: hops(302) }), { auth: { bearer: secret } }],
  [sendsTo(302, '{elsewhere}/cookies'), json({ cookies: {} }), { headers: { cookie: `a=${secret}` } }],
  ['/cookies', json({ cookies: { a: '1', b: '2' } }), { headers: { cookie: 'a=1; b=2' } }],
  ['/cookies/set/a/1', { ...json({ cookies: {} }), redirects: hops(302) }],
  [
    '/cookies/set?a=1&b=2',
    { status: 302, ...headers({ 'set-cookie': ['a=1; Path=/', 'b=2; Path=/'] }) },
    { maxRedirects: 0 },
  ],
];

export const caching: readonly Row[] = [
  ['/cache', succeeded({ json: any(Object) }, headers({ etag: any(String), 'last-modified': any(String) }))],
  [
    '/cache',
    { outcome: 'succeeded', status: 304, body: { bytes: 0 } },
    { headers: { 'if-none-match': 'x' } },
  ],
  [
    '/cache',
    { outcome: 'succeeded', status: 304 },
    { headers: { 'if-modified-since': 'Sat, 01 Jan 2000 00:00:00 GMT' } },
  ],
  ['/cache/60', succeeded({ json: any(Object) }, headers({ 'cache-control': 'public, max-age=60' }))],
  ['/etag/x', succeeded({ json: any(Object) }, headers({ etag: 'x' }))],
  ['/etag/x', { outcome: 'succeeded', status: 304 }, { headers: { 'if-none-match': '"x"' } }],
  ['/etag/x', refused(412), { headers: { 'if-match': '"y"' } }],
];
