import { describe, expect, test } from '@jest/globals';
import zlib from 'node:zlib';
import { acceptEncoding, decodeBody, measureBody } from '../../shared/content-coding.ts';

const text = 'the body, '.repeat(100);
const plain = Buffer.from(text);
const cap = 100_000;

const decoded = async (wire: Uint8Array, coding: string): Promise<string> => {
  const outcome = await decodeBody(wire, coding, cap);
  return 'fault' in outcome ? outcome.fault : Buffer.from(outcome.bytes).toString();
};

describe('decodeBody', () => {
  test.each([
    ['gzip', zlib.gzipSync(plain)],
    ['X-GZIP', zlib.gzipSync(plain)],
    ['deflate', zlib.deflateSync(plain)],
    ['deflate', zlib.deflateRawSync(plain)],
    ['br', zlib.brotliCompressSync(plain)],
    ['br, gzip', zlib.gzipSync(zlib.brotliCompressSync(plain))],
    ['gzip, identity, gzip', zlib.gzipSync(zlib.gzipSync(plain))],
    ['identity', plain],
    ['', plain],
  ])('undoes %s', async (coding, wire) => {
    expect(await decoded(wire, coding)).toBe(text);
  });

  test('undoes gzip of several members and ignores padding after them', async () => {
    const members = Buffer.concat([zlib.gzipSync('one '), zlib.gzipSync('two'), Buffer.alloc(8)]);
    expect(await decoded(members, 'gzip')).toBe('one two');
  });

  test('leaves a body alone whose coding it does not know', async () => {
    expect(await decoded(plain, 'compress')).toBe(text);
    expect(await decoded(plain, 'gzip, compress')).toBe(text);
  });

  test('takes an empty body as empty under any coding', async () => {
    expect(await decoded(Buffer.alloc(0), 'gzip')).toBe('');
  });

  test.each([
    ['cut gzip', zlib.gzipSync(plain).subarray(0, 20), 'gzip'],
    ['gzip that is text', plain, 'gzip'],
    ['cut brotli', zlib.brotliCompressSync(plain).subarray(0, 10), 'br'],
    ['corrupt inner layer', zlib.gzipSync(plain), 'gzip, gzip'],
  ])('calls %s corrupt', async (_name, wire, coding) => {
    expect(await decoded(wire, coding)).toBe('corrupt');
  });

  test('refuses six codings and takes five', async () => {
    expect(await decoded(plain, 'gzip,gzip,gzip,gzip,gzip,gzip')).toBe('too_many_codings');
    let wire: Uint8Array = plain;
    for (let layer = 0; layer < 5; layer += 1) wire = zlib.gzipSync(wire);
    expect(await decoded(wire, 'gzip,gzip,gzip,gzip,gzip')).toBe(text);
  });

  test('stops a bomb at the cap, in any layer', async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(20_000_000));
    expect(await decoded(bomb, 'gzip')).toBe('too_large');
    expect(await decoded(zlib.gzipSync(bomb), 'gzip, gzip')).toBe('too_large');
    expect(await decoded(zlib.brotliCompressSync(Buffer.alloc(cap + 1)), 'br')).toBe('too_large');
  });

  test.each([
    ['a small body', 1000],
    ['a small body that unfolds to megabytes', 3_000_000],
    ['a large body', 30_000_000],
  ])('decodes %s whole, and stops a byte short of it', async (_what, length) => {
    const wire = zlib.gzipSync(Buffer.alloc(length));
    const outcome = await decodeBody(wire, 'gzip', length);
    expect('bytes' in outcome && outcome.bytes.length).toBe(length);
    expect(await decodeBody(wire, 'gzip', length - 1)).toEqual({ fault: 'too_large' });
  });

  test('allows no bytes at all where none are allowed', async () => {
    expect(await decodeBody(zlib.gzipSync('x'), 'gzip', 0)).toEqual({ fault: 'too_large' });
    expect(await decodeBody(zlib.gzipSync(''), 'gzip', 0)).toMatchObject({ bytes: Buffer.alloc(0) });
  });

  test('holds the cap for a body without coding too', async () => {
    expect(await decodeBody(plain, '', plain.length - 1)).toEqual({ fault: 'too_large' });
  });
});

describe('measureBody', () => {
  test('counts what decodeBody would return', async () => {
    expect(await measureBody(zlib.gzipSync(plain), 'gzip', cap)).toEqual({ length: plain.length });
    expect(await measureBody(plain, '', cap)).toEqual({ length: plain.length });
    expect(await measureBody(zlib.gzipSync(plain), 'gzip', 10)).toEqual({ fault: 'too_large' });
  });
});

test('asks for zstd only where the runtime can decode it', () => {
  expect(acceptEncoding.includes('zstd')).toBe('createZstdDecompress' in zlib);
});
