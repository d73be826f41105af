import { PassThrough } from 'node:stream';
import type { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { makeHoldable } from '../../../worker/http/holdable.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A stream that is read whenever it says that it is readable. */
const readAll = () => {
  const stream = new PassThrough() as unknown as Socket;
  const holdable = makeHoldable(stream);
  const read: string[] = [];
  stream.on('readable', () => {
    for (let piece = stream.read(); piece !== null; piece = stream.read()) read.push(String(piece));
  });
  return { stream, holdable, read };
};

test('hands on nothing while it is held, and all of it afterwards', async () => {
  const { stream, holdable, read } = readAll();
  stream.write('one ');
  await turn();
  holdable.hold();
  stream.write('two ');
  stream.end('three');
  await turn();
  expect(read).toEqual(['one ']);
  const ended = new Promise((resolve) => {
    stream.once('end', resolve);
  });
  holdable.release();
  await ended;
  expect(read.join('')).toBe('one two three');
});

test('is not held any more once it was released, however often it was held', async () => {
  const { stream, holdable, read } = readAll();
  holdable.release();
  holdable.hold();
  holdable.hold();
  holdable.release();
  stream.write('here');
  await turn();
  expect(read).toEqual(['here']);
});

test('tells nobody of a stream that was destroyed', async () => {
  const { stream, holdable } = readAll();
  const told: string[] = [];
  stream.on('readable', () => told.push('readable'));
  holdable.hold();
  holdable.release();
  stream.destroy();
  await turn();
  expect(told).toEqual([]);
});
