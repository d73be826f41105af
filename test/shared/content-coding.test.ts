import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import zlib from 'node:zlib';
import {
  decodeBody,
  isEncoded,
  measureBody,
  measureStream,
  openDecoder,
} from '../../shared/content-coding.ts';
import type { DecodeLimits } from '../../shared/content-coding.ts';
import { waitFor } from '../support/wait-for.ts';

const text = 'the body, '.repeat(100);
const plain = Buffer.from(text);
const cap = 100_000;

const decoded = async (
  wire: Uint8Array,
  coding: string,
  limits: Partial<DecodeLimits> = {},
): Promise<string> => {
  const outcome = await decodeBody(wire, coding, { maxBytes: cap, ...limits });
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
    const outcome = await decodeBody(wire, 'gzip', { maxBytes: length });
    expect('bytes' in outcome && outcome.bytes.length).toBe(length);
    expect(await decodeBody(wire, 'gzip', { maxBytes: length - 1 })).toEqual({ fault: 'too_large' });
  });

  test('allows no bytes at all where none are allowed', async () => {
    const none = { maxBytes: 0 };
    expect(await decodeBody(zlib.gzipSync('x'), 'gzip', none)).toEqual({ fault: 'too_large' });
    expect(await decodeBody(zlib.gzipSync(''), 'gzip', none)).toMatchObject({ bytes: Buffer.alloc(0) });
  });

  test('holds the cap for a body without coding too', async () => {
    expect(await decodeBody(plain, '', { maxBytes: plain.length - 1 })).toEqual({ fault: 'too_large' });
  });
});

/** Bytes that do not compress, so that a cut falls within them. */
const noise = randomBytes(20_000);

describe('a body that was cut', () => {
  test.each([
    ['gzip', zlib.gzipSync(noise)],
    ['deflate', zlib.deflateSync(noise)],
    ['deflate', zlib.deflateRawSync(noise)],
    ['br', zlib.brotliCompressSync(noise)],
    ['gzip, br', zlib.brotliCompressSync(zlib.gzipSync(noise))],
  ])('gives what can be decoded of it: %s', async (coding, whole) => {
    for (const length of [1, 5000, 15_000]) {
      const outcome = await decodeBody(whole.subarray(0, length), coding, { maxBytes: cap, isCut: true });
      const bytes = 'bytes' in outcome ? Buffer.from(outcome.bytes) : undefined;
      expect(bytes?.equals(noise.subarray(0, bytes.length))).toBe(true);
      expect(bytes?.length).toBeGreaterThan(length * 0.5 - 200);
    }
  });

  test('is corrupt all the same where it is not what its coding says', async () => {
    expect(await decoded(plain, 'gzip', { isCut: true })).toBe('corrupt');
  });
});

describe('a body that is to be truncated', () => {
  test.each([
    ['small', 1000],
    ['large', 3_000_000],
  ])('gives its first bytes: %s', async (_what, length) => {
    const wire = zlib.gzipSync(Buffer.alloc(length, 'x'));
    for (const maxBytes of [0, 1, 999]) {
      const limits = { maxBytes, truncates: true };
      expect(await decodeBody(wire, 'gzip', limits)).toEqual({ bytes: Buffer.alloc(maxBytes, 'x') });
      expect(await measureBody(wire, 'gzip', limits)).toEqual({ length: maxBytes, isTruncated: true });
    }
    const limits = { maxBytes: length, truncates: true };
    expect(await measureBody(wire, 'gzip', limits)).toEqual({ length, isTruncated: false });
  });

  test('may be coded twice, or not at all', async () => {
    const limits = { maxBytes: 4, truncates: true };
    const zeros = zlib.gzipSync(Buffer.alloc(30_000_000));
    expect(await decoded(zlib.gzipSync(zlib.gzipSync(plain)), 'gzip, gzip', limits)).toBe('the ');
    expect(await decoded(zlib.gzipSync(zeros), 'gzip, gzip', limits)).toBe('\0'.repeat(4));
    expect(await decoded(plain, '', limits)).toBe('the ');
    expect(await measureBody(plain, '', limits)).toEqual({ length: 4, isTruncated: true });
  });

  test('must not have been cut by others', async () => {
    const wire = zlib.gzipSync(noise).subarray(0, 5000);
    expect(await decoded(wire, 'gzip', { truncates: true })).toBe('corrupt');
  });
});

describe('measureBody', () => {
  test('counts what decodeBody would return', async () => {
    const whole = { length: plain.length, isTruncated: false };
    expect(await measureBody(zlib.gzipSync(plain), 'gzip', { maxBytes: cap })).toEqual(whole);
    expect(await measureBody(plain, '', { maxBytes: cap })).toEqual(whole);
    expect(await measureBody(zlib.gzipSync(plain), 'gzip', { maxBytes: 10 })).toEqual({ fault: 'too_large' });
  });
});

test('a body is encoded where there is a coding to undo', () => {
  expect(['gzip', 'br, X-GZIP'].map(isEncoded)).toEqual([true, true]);
  expect(['', 'identity', 'utf-8', 'gzip, utf-8'].map(isEncoded)).toEqual([false, false, false, false]);
});

describe('openDecoder', () => {
  test('decodes one coding as a stream', async () => {
    const wire = zlib.deflateRawSync(noise);
    const decoder = openDecoder('deflate', wire.subarray(0, 1));
    decoder?.end(wire);
    expect(Buffer.concat((await decoder?.toArray()) ?? []).equals(noise)).toBe(true);
  });

  test('leaves none and several to decodeBody', () => {
    expect(openDecoder('identity', plain)).toBeUndefined();
    expect(openDecoder('gzip, gzip', plain)).toBeUndefined();
  });
});

describe('measureStream', () => {
  const inPieces = (wire: Uint8Array): Readable =>
    Readable.from(
      Array.from({ length: Math.ceil(wire.length / 9) }, (_, at) => wire.subarray(at * 9, at * 9 + 9)),
    );

  test.each([
    ['gzip', zlib.gzipSync(plain), {}],
    ['deflate', zlib.deflateRawSync(plain), {}],
    ['br', zlib.brotliCompressSync(plain), {}],
    ['br, gzip', zlib.gzipSync(zlib.brotliCompressSync(plain)), {}],
    ['compress', plain, {}],
    ['gzip', zlib.gzipSync(plain), { maxBytes: 99 }],
    ['gzip', zlib.gzipSync(plain), { maxBytes: 99, truncates: true }],
    ['gzip', zlib.gzipSync(plain).subarray(0, 30), {}],
    ['gzip', zlib.gzipSync(plain).subarray(0, 30), { isCut: true }],
    ['gzip', plain, {}],
    ['gzip,gzip,gzip,gzip,gzip,gzip', plain, {}],
  ])('says of %s what is said of the whole body', async (coding, wire, change) => {
    const limits = { maxBytes: cap, ...change };
    expect(await measureStream(inPieces(wire), coding, limits)).toEqual(
      await measureBody(wire, coding, limits),
    );
  });

  test('reads no more than it needs', async () => {
    const wire = inPieces(zlib.gzipSync(randomBytes(50_000)));
    expect(await measureStream(wire, 'gzip', { maxBytes: 10 })).toEqual({ fault: 'too_large' });
    await waitFor(() => wire.destroyed);
  });

  test('rejects where it cannot be read', async () => {
    const broken = (after: number): Readable => {
      const pieces = Array.from({ length: after }, () => plain.subarray(0, 10));
      return Readable.from(
        (function* () {
          yield* pieces;
          throw new Error('EIO');
        })(),
      );
    };
    const wire = zlib.gzipSync(plain);
    const midway = Readable.from(
      (function* () {
        yield wire.subarray(0, 15);
        throw new Error('EIO');
      })(),
    );
    await expect(measureStream(broken(0), 'gzip', { maxBytes: cap })).rejects.toThrow('EIO');
    await expect(measureStream(broken(1), 'compress', { maxBytes: cap })).rejects.toThrow('EIO');
    await expect(measureStream(midway, 'gzip', { maxBytes: cap })).rejects.toThrow('EIO');
  });
});
