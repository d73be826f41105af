import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { maxShownBytes } from '../../../api/delivery/excerpt-view.ts';
import { writeResults, type ResultField } from '../../../api/delivery/result-view.ts';
import type { StoredBody, StoredResult } from '../../../shared/result.ts';
import { storedResult } from '../../support/api.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- tests look wherever they want
const view = async (result: StoredResult, fields?: ResultField[]): Promise<any> => {
  const [text = ''] = await writeResults([result], { path: '/r', fields: fields && new Set(fields) });
  expect(text).not.toMatch(/[\r\n]/);
  return JSON.parse(text);
};

const bodyOf = (wire: Buffer, bytes = wire.length): StoredBody => ({
  inline: wire,
  wireBytes: wire.length,
  bytes,
  truncated: false,
});

test('shows a whole result', async () => {
  const startedAt = Date.UTC(2026, 0, 1);
  const result = storedResult(3, {
    id: 'a\nb',
    headers: ['content-type', 'text/plain', 'x', '1'],
    body: bodyOf(Buffer.from('hello\n')),
    finalUrl: 'https://example.com/end',
    redirects: [{ url: 'https://example.com/3', status: 302 }],
    attempts: [{ startedAt, waitMs: 0, totalMs: 2, status: 200 }],
    connection: { reused: true, policy: 'reuse' },
  });
  expect(await view(result)).toEqual({
    index: 3,
    id: 'a\nb',
    url: 'https://example.com/3',
    outcome: 'succeeded',
    status: 200,
    headers: { 'content-type': 'text/plain', x: '1' },
    body: { text: 'hello\n', bytes: 6, contentType: 'text/plain', truncated: false },
    finalUrl: 'https://example.com/end',
    redirects: [{ url: 'https://example.com/3', status: 302 }],
    attempts: [{ startedAt: '2026-01-01T00:00:00.000Z', waitMs: 0, totalMs: 2, status: 200 }],
    timings: result.timings,
    connection: { reused: true, policy: 'reuse' },
  });
});

test('leaves out what there is not', async () => {
  const failed = storedResult(0, { outcome: 'failed', failure: { code: 'timed_out', message: 'late' } });
  const { status: _, ...rest } = failed;
  expect(Object.keys(await view(rest))).toEqual([
    'index',
    'url',
    'outcome',
    'failure',
    'attempts',
    'timings',
  ]);
});

test('undoes the content coding of what it shows', async () => {
  const json = '{"a":1}';
  const headers = ['content-type', 'application/json', 'content-encoding', 'gzip'];
  const { body } = await view(storedResult(0, { headers, body: bodyOf(gzipSync(json), json.length) }));
  expect(body).toEqual({ json: { a: 1 }, bytes: 7, contentType: 'application/json', truncated: false });
});

test('links what is kept elsewhere, or unfolds to too much', async () => {
  const gzip = ['content-encoding', 'gzip'];
  const bomb = bodyOf(gzipSync(Buffer.alloc(maxShownBytes + 1)), maxShownBytes + 1);
  const { inline: _, ...elsewhere } = bodyOf(Buffer.alloc(100));
  for (const more of [{ body: { ...elsewhere, ref: 'x' } }, { headers: gzip, body: bomb }]) {
    const { body } = await view(storedResult(7, more));
    expect(body).toMatchObject({ href: '/r/7/body', contentType: null });
  }
});

test('shows what cannot be decoded as the bytes it is, whatever its type', async () => {
  const headers = ['content-type', 'text/plain', 'content-encoding', 'gzip'];
  const wire = gzipSync('a part of this').subarray(0, 12);
  const { body } = await view(storedResult(0, { status: 206, headers, body: bodyOf(wire) }));
  expect(body).toMatchObject({ base64: wire.toString('base64'), bytes: 12 });
});

test('shows the text of what was truncated, and says so', async () => {
  const headers = ['content-type', 'application/json; charset=euc-kr', 'content-encoding', 'gzip'];
  const json = Buffer.from('["\xc7\xd1\xb1\xdb"]', 'latin1');
  const kept = { ...bodyOf(gzipSync(json), 5), truncated: true };
  const { body } = await view(storedResult(0, { headers, body: kept }));
  expect(body).toMatchObject({ text: '["한', bytes: 5, truncated: true });
});

test('shows the fields asked for, in their order', async () => {
  const result = storedResult(1, { headers: ['a', 'b'], body: bodyOf(Buffer.from('x')) });
  expect(Object.keys(await view(result, ['timings', 'body', 'index']))).toEqual(['index', 'body', 'timings']);
  expect(await view(result, ['headers'])).toEqual({ headers: { a: 'b' } });
  expect(await view(result, ['failure'])).toEqual({});
});

test('a throttled attempt says so', async () => {
  const attempt = { startedAt: 0, waitMs: 0, totalMs: 2, status: 429, throttled: true } as const;
  const { attempts } = await view(storedResult(0, { attempts: [attempt] }));
  expect(attempts).toEqual([{ ...attempt, startedAt: '1970-01-01T00:00:00.000Z' }]);
});

test('shows a result alone as it shows it among others', async () => {
  const failure = { code: 'http_status', message: 'the status 500 is not accepted' } as const;
  const attempt = { startedAt: 1_700_000_000_123, waitMs: 0, totalMs: 2.5 };
  const kinds: readonly Partial<StoredResult>[] = [
    { headers: ['content-type', 'application/json'], body: bodyOf(Buffer.from('{"a":\n1}')) },
    { headers: ['content-type', 'application/json'], body: bodyOf(Buffer.from('{"é":1}')) },
    { headers: ['content-type', 'text/html'], body: bodyOf(Buffer.from('<meta charset="euc-kr">')) },
    { headers: [], body: { ...bodyOf(Buffer.from('cut')), truncated: true } },
    { outcome: 'failed', failure, status: 500, attempts: [{ ...attempt, status: 500 }] },
    { outcome: 'failed', failure: { code: 'timed_out', message: 'late' } },
    { attempts: [{ ...attempt, status: 200, connection: { reused: true, policy: 'reuse' } }] },
    {
      attempts: [
        { ...attempt, status: 503 },
        { ...attempt, waitMs: 9, status: 200 },
      ],
      id: 'x',
    },
    { connection: { reused: false, policy: 'fresh', remoteAddress: '::1' } },
  ];
  const chosen = fc.array(fc.nat(kinds.length - 1), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(chosen, async (kindOf) => {
      const results = kindOf.map((kind, index) => storedResult(index, kinds[kind]));
      const alone = results.map(async (result) => (await writeResults([result], { path: '/r' }))[0]);
      expect(await writeResults(results, { path: '/r' })).toEqual(await Promise.all(alone));
    }),
    { numRuns: 40 },
  );
});
