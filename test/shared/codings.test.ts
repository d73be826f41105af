import zlib from 'node:zlib';
import { expect, test } from '@jest/globals';
import { acceptEncoding, findCoding } from '../../shared/codings.ts';

test('asks for what can be undone, and for zstd only where the runtime can', () => {
  const names = acceptEncoding.split(', ');
  expect(names.map(findCoding)).not.toContain(undefined);
  expect(names.includes('zstd')).toBe('createZstdDecompress' in zlib);
});

test('knows nothing of other names', () => {
  expect(['compress', 'identity', 'GZIP', '__proto__', ''].map(findCoding)).toEqual(Array(5).fill(undefined));
});

test('ends a body that was cut where it ends, and only then', () => {
  const cut = zlib.gzipSync('a body').subarray(0, -8);
  const options = { maxOutputLength: 100 };
  expect(
    findCoding('gzip')
      ?.atOnce(cut, { ...options, isCut: true })
      .toString(),
  ).toBe('a body');
  expect(() => findCoding('gzip')?.atOnce(cut, { ...options, isCut: false })).toThrow('unexpected end');
});
