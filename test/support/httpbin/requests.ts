// What can be asked of httpbin: methods, bodies, header fields, statuses.
import {
  any,
  headers,
  json,
  objectContaining,
  refused,
  stringContaining,
  stringMatching,
  succeeded,
} from './row.ts';
import type { Row } from './row.ts';

export const methods: readonly Row[] = [
  [
    '/get?a=1&a=2&b=%C3%A9',
    json(objectContaining({ args: { a: ['1', '2'], b: 'é' }, url: stringContaining('/get?a=1&a=2&b=é') })),
  ],
  ['/get', refused(405), { method: 'POST' }],
  [
    '/get',
    succeeded({ bytes: 0 }, headers({ 'content-type': 'application/json', 'content-length': any(String) })),
    { method: 'HEAD' },
  ],
  ['/get', succeeded({ bytes: 0 }, headers({ allow: stringContaining('HEAD') })), { method: 'OPTIONS' }],
  ['/put', json(objectContaining({ json: [1] })), { method: 'PUT', json: [1] }],
  ['/patch', json(objectContaining({ data: 'some' })), { method: 'PATCH', body: 'some' }],
  ['/delete', json(objectContaining({ data: 'gone' })), { method: 'DELETE', body: 'gone' }],
  ['/delete', json(objectContaining({ data: '' })), { method: 'DELETE' }],
  ...['POST', 'PUT', 'PATCH', 'DELETE'].map((method): Row => [
    '/anything/a%20b',
    json(objectContaining({ method, json: { of: method } })),
    { method, json: { of: method } },
  ]),
  ['/anything?q', json(objectContaining({ method: 'GET', args: { q: '' }, data: '' }))],
];

const posts: readonly Row[] = [
  ['/post', json(objectContaining({ json: { a: ['é', 1.5] } })), { json: { a: ['é', 1.5] } }],
  [
    '/post',
    json(
      objectContaining({
        data: 'grüße',
        ...headers({ 'Content-Type': 'text/plain;charset=UTF-8' }),
      }),
    ),
    { body: 'grüße' },
  ],
  [
    '/post',
    json(objectContaining({ data: 'data:application/octet-stream;base64,//4A' })),
    { bodyBase64: '//4A' },
  ],
  [
    '/post',
    json(objectContaining({ form: { a: '1', b: 'x y' } })),
    { body: 'a=1&b=x+y', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  ],
  ['/post', json(objectContaining({ data: '' }))],
];

export const bodies = posts.map(([path, expected, more]): Row => [
  path,
  expected,
  { method: 'POST', ...more },
]);

export const fields: readonly Row[] = [
  [
    '/headers',
    json(headers({ 'X-Own': 'caf\u00e9', Accept: 'text/x' })),
    { headers: { 'x-own': 'caf\u00e9', accept: 'text/x' } },
  ],
  ['/user-agent', json({ 'user-agent': stringMatching(/^Fetchfleet\//) })],
  ['/user-agent', json({ 'user-agent': 'mine/1' }), { headers: { 'user-agent': 'mine/1' } }],
  ['/ip', json({ origin: '127.0.0.1' })],
  [
    '/response-headers?x-a=1&x-a=2&set-cookie=a%3D1&set-cookie=b%3D2',
    succeeded(any(Object), headers({ 'x-a': '1, 2', 'set-cookie': ['a=1', 'b=2'] })),
  ],
];

export const statuses: readonly Row[] = [
  ...[200, 201, 202, 203, 204, 205, 206, 226, 300, 304].map((status): Row => [
    `/status/${status}`,
    { outcome: 'succeeded', status, body: { bytes: 0, truncated: false } },
  ]),
  ...[301, 302, 303, 307].map((status): Row => [
    `/status/${status}`,
    json(objectContaining({ url: any(String) })),
  ]),
  ['/status/305', { outcome: 'succeeded', status: 305, ...headers({ location: '/redirect/1' }) }],
  ...[400, 402, 403, 404, 405, 406, 408, 409, 410, 412, 418, 422, 425, 429, 451, 500, 501, 502, 503, 504].map(
    (status): Row => [`/status/${status}`, refused(status)],
  ),
  ['/status/401', refused(401, headers({ 'www-authenticate': stringContaining('Basic') }))],
  ['/status/418', refused(418, { body: objectContaining({ text: stringContaining('teapot') }) })],
  ['/status/404', { outcome: 'succeeded', status: 404 }, { acceptStatus: '404' }],
  ['/status/503', { ...refused(503), attempts: [any(Object), any(Object)] }, { retry: { maxAttempts: 2 } }],
  [
    '/status/503',
    { ...refused(503), attempts: [any(Object)] },
    { method: 'POST', retry: { maxAttempts: 2 } },
  ],
  ['/nowhere', refused(404, { body: objectContaining({ text: stringContaining('Not Found') }) })],
];
