import { expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import type { Socket } from 'node:net';
import { HeadTooLargeError, isTooLarge, limitHead, maxHeadBytes } from '../../../worker/http/head-limit.ts';

test('counts names and values', () => {
  expect(isTooLarge(['x', 'y'.repeat(maxHeadBytes - 1)])).toBe(false);
  expect(isTooLarge(['x', 'y'.repeat(maxHeadBytes)])).toBe(true);
});

const listen = (isAwaitingHead: boolean): { stream: PassThrough; ended: Promise<unknown> } => {
  const stream = new PassThrough({ highWaterMark: 1_000_000 });
  limitHead(stream as unknown as Socket, { isAwaitingHead, headBytes: 0 });
  stream.on('readable', () => stream.read());
  const ended = new Promise((resolve) => {
    stream.on('error', resolve).on('end', () => resolve('ended'));
  });
  return { stream, ended };
};

test.each([
  [true, HeadTooLargeError],
  [false, String],
])(
  'ends a socket whose head goes on beyond the limit, while a head is awaited (%s)',
  async (isAwaiting, kind) => {
    const { stream, ended } = listen(isAwaiting);
    stream.write(Buffer.alloc(maxHeadBytes + 1));
    setImmediate(() => stream.end('more'));
    expect(Object(await ended)).toBeInstanceOf(kind);
  },
);
