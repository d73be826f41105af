import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { csv } from '../../../api/delivery/csv.ts';
import { resultFields, type ResultField } from '../../../api/delivery/result-view.ts';
import { toExcerpt } from '../../../shared/excerpt.ts';
import type { StoredBody, StoredResult } from '../../../shared/result.ts';
import { storedResult } from '../../support/api.ts';

/** Reads it as RFC 4180 says. */
const parse = (text: string): string[][] => {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
};

const write = async (results: readonly StoredResult[], fields?: ResultField[]): Promise<string> => {
  const { head, write: rows, lineBreak } = csv({ path: '/r', fields: fields && new Set(fields) });
  const excerpt = toExcerpt(results, ({ index }) => index + 1);
  return head + (await rows(excerpt)).map((row) => row + lineBreak).join('');
};

const bodyOf = (text: string | Buffer): StoredBody => {
  const inline = Buffer.from(text);
  return { inline, wireBytes: inline.length, bytes: inline.length, truncated: false };
};

test('has a head and a row a result, with what is nested in columns', async () => {
  const failure = { code: 'timed_out', message: 'late, "very"' } as const;
  const { status: _, ...failed } = storedResult(1, { id: 'b', outcome: 'failed', failure });
  const json = { headers: ['content-type', 'application/json'], body: bodyOf('{"a":\n"b,c"}') };
  const [head, ...rows] = parse(await write([storedResult(0, json), failed]));
  expect(head?.join()).toBe(
    'index,id,url,outcome,status,body,body.kind,finalUrl,failure.code,failure.message,' +
      'timings.queueMs,timings.dnsMs,timings.connectMs,timings.tlsMs,timings.ttfbMs,timings.bodyMs,timings.totalMs',
  );
  const timings = ['1', '0', '0', '0', '2', '0.5', '2.5'];
  expect(rows).toEqual([
    ['0', '', 'https://example.com/0', 'succeeded', '200', '{"a":\n"b,c"}', 'json', '', '', '', ...timings],
    ['1', 'b', 'https://example.com/1', 'failed', '', '', '', '', 'timed_out', 'late, "very"', ...timings],
  ]);
});

test('has the fields asked for, in their order, and JSON where a cell is all there is', async () => {
  const connection = { reused: true, policy: 'reuse' } as const;
  const result = storedResult(4, { headers: ['set-cookie', 'a="b"'], connection });
  const fields: ResultField[] = ['cursor', 'connection', 'headers', 'index', 'redirects', 'attempts'];
  const [head, row] = parse(await write([result], fields));
  expect(head).toEqual(['index', 'headers', 'redirects', 'attempts', 'connection', 'cursor']);
  expect(row).toEqual(['4', '{"set-cookie":["a=\\"b\\""]}', '', '[]', JSON.stringify(connection), '5']);
});

test('says what kind a body is of', async () => {
  const gzip = ['content-type', 'text/plain', 'content-encoding', 'gzip'];
  const { inline: _, ...elsewhere } = { ...bodyOf('x'), ref: '0/3-00' };
  const results = [
    storedResult(0, { headers: gzip, body: { ...bodyOf(gzipSync('unfolded')), bytes: 8 } }),
    storedResult(1, { headers: ['content-type', 'image/png'], body: bodyOf('png') }),
    storedResult(2, { body: elsewhere }),
    storedResult(3),
  ];
  expect(parse(await write(results, ['body'])).slice(1)).toEqual([
    ['unfolded', 'text'],
    ['cG5n', 'base64'],
    ['/r/2/body', 'href'],
    ['', ''],
  ]);
});

test.each(['=1+1', '+1', '-1', '@a', '\ta', '\ra', '\na', '\uff1d1'])('disarms %j', async (id) => {
  expect(parse(await write([storedResult(0, { id })], ['id']))[1]).toEqual([`'${id}`]);
});

test('keeps any other text as it is', async () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', ',', '"', '\r', '\n', 'é', ' ', "'") }));
  await fc.assert(
    fc.asyncProperty(texts, async (ends) => {
      const ids = ends.map((end) => `x${end}`);
      const text = await write(
        ids.map((id, index) => storedResult(index, { id })),
        ['id', 'index'],
      );
      expect(parse(text).slice(1)).toEqual(ids.map((id, index) => [String(index), id]));
    }),
  );
});

test('has a column for every field', async () => {
  const [head] = parse(await write([], [...resultFields]));
  expect(head).toHaveLength(resultFields.length + 1 + 1 + 6);
});
