import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { documentOf } from '../../bench/document.ts';

test('is 321 bytes of JSON where it is small', () => {
  const { bytes, coding } = documentOf('small');
  expect({ length: bytes.length, coding }).toEqual({ length: 321, coding: undefined });
  expect(JSON.parse(bytes.toString())).toMatchObject({ id: 12_345 });
});

test('is a megabyte that cannot be packed, always the same, where it is large', () => {
  const { bytes } = documentOf('large');
  expect(bytes).toHaveLength(1_000_000);
  expect(gzipSync(bytes).length).toBeGreaterThan(990_000);
  expect(documentOf('large').bytes.equals(bytes)).toBe(true);
});

test('is JSON once it is unpacked, and below what is kept inline', () => {
  const { bytes, coding } = documentOf('gzip');
  expect(coding).toBe('gzip');
  expect(bytes.length).toBeLessThan(16_384);
  const plain = gunzipSync(bytes);
  expect(plain.length).toBeGreaterThan(5 * bytes.length);
  expect(JSON.parse(plain.toString())).toHaveLength(400);
});
