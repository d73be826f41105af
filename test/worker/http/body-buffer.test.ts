import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BodyBuffer } from '../../../worker/http/body-buffer.ts';

test('gives back what went in, however it was cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 20 }), (chunks) => {
      const body = new BodyBuffer();
      for (const chunk of chunks) body.append(Buffer.from(chunk));
      expect(Buffer.compare(body.bytes(), Buffer.concat(chunks))).toBe(0);
      expect(body.length).toBe(body.bytes().length);
    }),
  );
});

test('does not copy a body of one chunk', () => {
  const body = new BodyBuffer();
  const chunk = Buffer.from('whole');
  body.append(chunk);
  expect(body.bytes()).toBe(chunk);
});
