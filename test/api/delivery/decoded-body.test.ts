import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { codingOf, decodeWire } from '../../../api/delivery/decoded-body.ts';
import { storedResult } from '../../support/api.ts';

const text = Buffer.from('hello hello hello');
const kept = { wireBytes: 0, bytes: text.length, truncated: false };
const zeros = gzipSync(Buffer.alloc(70_000));

test.each([
  ['gzip', gzipSync(text)],
  ['br', brotliCompressSync(text)],
  ['deflate', deflateRawSync(text)],
  ['gzip, br', brotliCompressSync(gzipSync(text))],
  ['of-our-own', text],
])('undoes %s', async (coding, wire) => {
  expect(Buffer.from((await decodeWire(wire, coding, kept)) ?? []).toString()).toBe(String(text));
});

test('gives nothing for what is corrupt, or unfolds to far more than was recorded', async () => {
  expect(await decodeWire(text, 'gzip', kept)).toBeUndefined();
  expect(await decodeWire(zeros, 'gzip', kept)).toBeUndefined();
});

test('knows the coding by the headers', () => {
  expect(codingOf(storedResult(0, { headers: ['content-encoding', 'gzip'] }))).toBe('gzip');
  expect(codingOf(storedResult(0))).toBeUndefined();
});
