import { inflateRawSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { deflateAside, deflateNow } from '../../shared/deflate.ts';

test('gives bytes of any length back, however they were deflated', async () => {
  const bytes = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.oneof(fc.nat(10_000), fc.nat(150_000)))
    .map(([some, length]) => Buffer.alloc(length, Buffer.from(some)));
  await fc.assert(
    fc.asyncProperty(bytes, async (plain) => {
      const aside = await deflateAside(plain);
      expect(inflateRawSync(aside).equals(plain)).toBe(true);
      expect(deflateNow(plain).equals(aside)).toBe(true);
    }),
  );
});

test('makes what repeats itself small, also where it is short', () => {
  expect(deflateNow(Buffer.alloc(4000, 'https://example.org/')).length).toBeLessThan(100);
  expect(deflateNow(Buffer.alloc(40_000, 'https://example.org/')).length).toBeLessThan(500);
});
