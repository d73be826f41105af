import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { BatchId } from '../../../shared/batch.ts';
import type { StoredBody } from '../../../shared/result.ts';
import { storedResult, testApi, type Answer } from '../../support/api.ts';

const api = testApi();
const known: { id: BatchId } = { id: '' as BatchId };
const large = Buffer.alloc(300_000, 'large ');

const part = gzipSync(large).subarray(0, 200);

const whole = (bytes: Buffer): StoredBody => ({
  inline: bytes,
  wireBytes: bytes.length,
  bytes: bytes.length,
  truncated: false,
});

beforeAll(async () => {
  known.id = await api.submit(Array.from({ length: 10 }, (_, i) => `https://example.com/${i}`));
  const { inline: _, ...kept } = whole(large);
  const ref = await api.bodies.put(known.id, 1, large);
  const zipped = gzipSync(large);
  const keep = async (index: number, wire: Buffer, bytes: number): Promise<StoredBody> => ({
    ref: await api.bodies.put(known.id, index, wire),
    wireBytes: wire.length,
    bytes,
    truncated: false,
  });
  const html = ['content-type', 'text/html', 'content-encoding', 'gzip'];
  const twice = [...html, 'content-encoding', 'gzip'];
  await api.results.record(known.id, [
    storedResult(0, { headers: html, body: { ...whole(gzipSync('<script>')), bytes: 8 } }),
    storedResult(1, { headers: ['content-type', 'image/png'], body: { ...kept, ref } }),
    storedResult(2, { headers: html, body: await keep(2, zipped, large.length) }),
    storedResult(3),
    storedResult(4, { body: { ...kept, ref: '0/4-0123456789abcdef' } }),
    storedResult(6, { headers: html, status: 206, body: whole(part) }),
    storedResult(7, { headers: html, status: 206, body: await keep(7, part, part.length) }),
    storedResult(8, { headers: twice, body: await keep(8, gzipSync(zipped), large.length) }),
    storedResult(9, { headers: html, body: await keep(9, zipped, 1000) }),
  ]);
});

const body = (index: number, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> =>
  api.call(method, `/v1/batches/${known.id}/results/${index}/body`, { headers });

test('serves the decoded bytes, as something that no browser runs', async () => {
  const answer = await body(0);
  expect(answer.text).toBe('<script>');
  expect(answer.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-length': '8',
    'content-disposition': 'attachment; filename="body-0"',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  });
  expect(answer.headers).not.toHaveProperty('content-encoding');
});

test('serves large bodies from the body store, plain and compressed', async () => {
  const plain = await body(1);
  expect(plain.headers).toMatchObject({ 'content-type': 'image/png', 'content-length': '300000' });
  expect(plain.bytes.equals(large)).toBe(true);
  for (const index of [2, 8]) {
    const compressed = await body(index);
    expect(compressed.headers).toMatchObject({ 'content-length': '300000' });
    expect(compressed.bytes.equals(large)).toBe(true);
  }
});

test('serves the bytes of the wire, as no type in particular, where they cannot be decoded', async () => {
  for (const index of [6, 7]) {
    const answer = await body(index);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/octet-stream' });
    expect(answer.headers).not.toHaveProperty('content-encoding');
    expect(answer.bytes.equals(part)).toBe(true);
  }
});

test('breaks off where a kept body unfolds to more than was recorded', async () => {
  await expect(body(9)).rejects.toHaveProperty('code', 'UND_ERR_SOCKET');
  expect(api.log.join()).toContain('unfolds to more than the 1000 bytes recorded');
});

test('answers HEAD with the length and no bytes', async () => {
  for (const [index, length] of [
    [0, '8'],
    [1, '300000'],
    [2, '300000'],
  ] as const) {
    const answer = await body(index, 'HEAD');
    expect([answer.status, answer.headers['content-length'], answer.bytes.length]).toEqual([200, length, 0]);
  }
});

test('says when there is no body, or none any more', async () => {
  for (const [index, code] of [
    [3, 'body_not_found'],
    [4, 'body_not_found'],
    [5, 'result_pending'],
    [10, 'result_not_found'],
  ] as const) {
    const answer = await body(index);
    expect([answer.status, answer.json.code]).toEqual([404, code]);
    expect(answer.headers).not.toHaveProperty('content-disposition');
  }
});

describe('a part', () => {
  /** In memory, as a plain file, and as a compressed one. */
  const served = [
    [0, Buffer.from('<script>')],
    [1, large],
    [2, large],
    [8, large],
  ] as const;

  test.each(served)('of body %i is sent as asked for', async (index, bytes) => {
    for (const [range, start, end] of [
      ['bytes=2-5', 2, 5],
      ['bytes=3-', 3, bytes.length - 1],
      ['bytes=-4', bytes.length - 4, bytes.length - 1],
      ['bytes=0-999999999', 0, bytes.length - 1],
    ] as const) {
      const answer = await body(index, 'GET', { range });
      expect([answer.status, answer.headers['content-range']]).toEqual([
        206,
        `bytes ${start}-${end}/${bytes.length}`,
      ]);
      expect(answer.bytes.equals(bytes.subarray(start, end + 1))).toBe(true);
    }
  });

  test('that there is not is refused, with the length', async () => {
    for (const [index, bytes] of served) {
      const answer = await body(index, 'GET', { range: `bytes=${bytes.length}-` });
      expect([answer.status, answer.json.code]).toEqual([416, 'range_not_satisfiable']);
      expect(answer.headers).toMatchObject({ 'content-range': `bytes */${bytes.length}` });
    }
  });

  test('is not sent where several are asked for, but the whole', async () => {
    const answer = await body(0, 'GET', { range: 'bytes=0-1,4-5' });
    expect([answer.status, answer.text]).toEqual([200, '<script>']);
  });

  test('is sent under If-Range only of the very same body', async () => {
    const etag = String((await body(1)).headers['etag']);
    const other = String((await body(0)).headers['etag']);
    expect((await body(1, 'GET', { range: 'bytes=0-9', 'if-range': etag })).status).toBe(206);
    for (const condition of [other, `W/${etag}`, new Date().toUTCString()]) {
      const answer = await body(1, 'GET', { range: 'bytes=0-9', 'if-range': condition });
      expect([answer.status, answer.bytes.length]).toEqual([200, large.length]);
    }
  });

  test('is not what HEAD asks for', async () => {
    const answer = await body(1, 'HEAD', { range: 'bytes=0-9' });
    expect([answer.status, answer.headers['content-length']]).toEqual([200, '300000']);
  });
});

test('is not sent again to who has it', async () => {
  for (const index of [0, 1, 2, 6, 8]) {
    const { headers } = await body(index);
    const etag = String(headers['etag']);
    expect(etag).toMatch(/^"[\w.-]+"$/);
    expect(headers).toMatchObject({ 'cache-control': 'private, no-cache', 'accept-ranges': 'bytes' });
    for (const method of ['GET', 'HEAD']) {
      const again = await body(index, method, { 'if-none-match': `"x", W/${etag}` });
      expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', etag]);
    }
    expect((await body(index, 'GET', { 'if-none-match': '"x"' })).status).toBe(200);
  }
});

test('tells bodies apart by their ETag', async () => {
  const tags = await Promise.all(
    [0, 1, 2, 6, 7, 8].map(async (index) => (await body(index)).headers['etag']),
  );
  expect(new Set(tags).size).toBe(6);
});
