import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { decodeWire, streamDecoding } from '../../../api/delivery/decoded-body.ts';
import type { StoredBody, StoredResult } from '../../../shared/result.ts';
import { storedResult } from '../../support/api.ts';

const text = Buffer.from('hello hello hello');

const resultOf = (coding: string, body: Partial<StoredBody> = {}, status = 200): StoredResult =>
  storedResult(0, {
    status,
    headers: ['content-encoding', coding],
    body: { wireBytes: 0, bytes: text.length, truncated: false, ...body },
  });

test.each([
  ['gzip', gzipSync(text)],
  ['br', brotliCompressSync(text)],
  ['deflate', deflateRawSync(text)],
  ['gzip, br', brotliCompressSync(gzipSync(text))],
  ['of-our-own', text],
])('undoes %s', async (coding, wire) => {
  const { bytes, isEncoded } = await decodeWire(wire, resultOf(coding));
  expect([Buffer.from(bytes).toString(), isEncoded]).toEqual([String(text), false]);
});

test('undoes codings that are named in several fields', async () => {
  const headers = ['content-encoding', 'gzip', 'content-encoding', 'br'];
  const wire = brotliCompressSync(gzipSync(text));
  expect(await decodeWire(wire, { ...resultOf(''), headers })).toEqual({ bytes: text, isEncoded: false });
});

test('gives the bytes of the wire where they are corrupt, unfold to more than was recorded, or are a part', async () => {
  const zeros = gzipSync(Buffer.alloc(70_000));
  expect(await decodeWire(text, resultOf('gzip'))).toEqual({ bytes: text, isEncoded: true });
  expect(await decodeWire(zeros, resultOf('gzip'))).toEqual({ bytes: zeros, isEncoded: true });
  const wire = gzipSync(text);
  expect(await decodeWire(wire, resultOf('gzip', {}, 206))).toEqual({ bytes: wire, isEncoded: true });
});

test('gives the first bytes of what was truncated, cut on the wire or not', async () => {
  const truncated = { truncated: true, bytes: 5 };
  const wire = gzipSync(text);
  for (const kept of [wire, wire.subarray(0, -8)]) {
    const { bytes } = await decodeWire(kept, resultOf('gzip', truncated));
    expect(Buffer.from(bytes).toString()).toBe('hello');
  }
});

test('streams what has one coding or none, and a part as it is', () => {
  const start = gzipSync(text).subarray(0, 1);
  expect(streamDecoding(resultOf('gzip'), start)).toMatchObject({ isEncoded: false, decoder: {} });
  expect(streamDecoding(resultOf('identity'), start)).toEqual({ isEncoded: false });
  expect(streamDecoding(resultOf('gzip', {}, 206), start)).toEqual({ isEncoded: true });
  expect(streamDecoding(resultOf('gzip, gzip'), start)).toBeUndefined();
  expect(streamDecoding(resultOf('gzip', { truncated: true }), start)).toBeUndefined();
});
