// What httpbin sends: codings, types, sizes, and slowly.
import {
  any,
  base64,
  failed,
  headers,
  json,
  objectContaining,
  refused,
  stringContaining,
  stringMatching,
  succeeded,
  text,
} from './row.ts';
import type { Row } from './row.ts';

const beginningWith = (bytes: string): unknown =>
  stringMatching(new RegExp(`^${base64(bytes).replaceAll('+', String.raw`\+`)}`));

export const contents: readonly Row[] = [
  ['/gzip', json(objectContaining({ gzipped: true }))],
  ['/deflate', json(objectContaining({ deflated: true }))],
  ['/brotli', json(objectContaining({ brotli: true }))],
  [
    '/gzip',
    succeeded({ truncated: true, text: stringMatching(/^\{"/), contentType: any(String) }),
    { maxBodyBytes: 60, onBodyTooLarge: 'truncate' },
  ],
  ['/encoding/utf8', text(any(String))],
  ['/html', text(stringContaining('<h1>Herman Melville - Moby-Dick</h1>'))],
  ['/xml', text(stringMatching(/^<\?xml[^]*<title>Wake up to WonderWidgets!<\/title>/))],
  ['/robots.txt', text('User-agent: *\nDisallow: /deny\n')],
  ['/deny', text(stringContaining("YOU SHOULDN'T BE HERE"))],
  ['/forms/post', text(stringContaining('<form method="post" action="/post">'))],
  ['/links/3/1', text(stringContaining("<a href='/links/3/0'>0</a>"))],
  ['/stream/3', text(stringMatching(/^(?:\{.+\}\n){3}$/))],
  ['/uuid', json({ uuid: stringMatching(/^[0-9a-f-]{36}$/) })],
  ['/base64/aMOpbGxv', text('héllo')],
  ['/image/png', succeeded({ base64: beginningWith('\u0089PNG\r\n'), contentType: 'image/png' })],
  ['/image/jpeg', succeeded({ href: stringContaining('/body'), contentType: 'image/jpeg' })],
  ['/image/webp', succeeded({ base64: beginningWith('RIF'), contentType: 'image/webp' })],
  ['/image/svg', succeeded({ text: stringContaining('<svg '), contentType: 'image/svg+xml' })],
  ['/image', succeeded({ contentType: 'image/webp' }), { headers: { accept: 'image/webp' } }],
  [
    '/image',
    refused(406, { body: objectContaining({ json: objectContaining({ accept: any(Array) }) }) }),
    { headers: { accept: 'text/x' } },
  ],
];

export const sizes: readonly Row[] = [
  ['/bytes/1000?seed=1', succeeded({ base64: any(String), bytes: 1000 })],
  ['/bytes/0', succeeded({ bytes: 0 })],
  ['/bytes/50000?seed=2', succeeded({ href: any(String), bytes: 50_000, truncated: false })],
  ['/stream-bytes/50000?seed=3&chunk_size=7', succeeded({ href: any(String), bytes: 50_000 })],
  ['/bytes/1000', failed('body_too_large'), { maxBodyBytes: 999 }],
  [
    '/stream-bytes/1000?seed=4',
    succeeded({ bytes: 10, truncated: true, base64: any(String) }),
    { maxBodyBytes: 10, onBodyTooLarge: 'truncate' },
  ],
  ['/range/50000', succeeded({ href: any(String), bytes: 50_000 })],
  ['/range/26', succeeded({ base64: base64('abcdefghijklmnopqrstuvwxyz') })],
  [
    '/range/26',
    {
      outcome: 'succeeded',
      status: 206,
      ...headers({ 'content-range': 'bytes 2-5/26' }),
      body: { base64: base64('cdef') },
    },
    { headers: { range: 'bytes=2-5' } },
  ],
  [
    '/range/26',
    refused(416, headers({ 'content-range': 'bytes */26' })),
    { headers: { range: 'bytes=50-60' } },
  ],
];

export const times: readonly Row[] = [
  ['/delay/1', { outcome: 'succeeded', timings: objectContaining({ ttfbMs: any(Number) }) }],
  ['/delay/3', failed('timed_out'), { timeoutMs: 300 }],
  ['/drip?numbytes=5&duration=1', succeeded({ base64: base64('*****') })],
  ['/drip?numbytes=3&duration=3', failed('timed_out'), { timeoutMs: 500 }],
  [
    '/drip?numbytes=3&duration=0&code=503',
    refused(503, { body: objectContaining({ base64: base64('***') }) }),
  ],
];
