import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BodyBuffer } from '../../../worker/http/body-buffer.ts';

const cut = fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 20 });

test('gives back what went in, however it was cut, whatever its head says', () => {
  fc.assert(
    fc.property(cut, fc.oneof(fc.nat(100_000), fc.double()), (chunks, expected) => {
      const body = new BodyBuffer();
      body.expected = expected;
      for (const chunk of chunks) body.append(Buffer.from(chunk));
      expect(Buffer.compare(body.bytes(), Buffer.concat(chunks))).toBe(0);
      expect(body.length).toBe(body.bytes().length);
    }),
  );
});

test('keeps a chunk that is written over afterwards', () => {
  const body = new BodyBuffer();
  const chunk = Buffer.from('whole');
  body.append(chunk);
  chunk.fill('x');
  expect(body.bytes().toString()).toBe('whole');
});

test('makes room at once for what is expected, but not much more than has come', () => {
  const roomAfter = (expected: number, ...lengths: readonly number[]): number => {
    const body = new BodyBuffer();
    body.expected = expected;
    for (const length of lengths) body.append(Buffer.alloc(length));
    return body.bytes().buffer.byteLength;
  };
  expect(roomAfter(1_000_000, 65_536, 65_536)).toBe(1_000_000);
  expect(roomAfter(1_000_000_000, 65_536, 65_536)).toBe(16 * 65_536);
  expect(roomAfter(70_000, 65_536, 65_536)).toBe(131_072);
});
