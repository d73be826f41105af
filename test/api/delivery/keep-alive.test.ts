import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { createKeepAlive } from '../../../api/delivery/keep-alive.ts';
import { waitFor } from '../../support/wait-for.ts';

test('says something on every stream until it is told to stop', async () => {
  const keepAlive = createKeepAlive(':\n\n', 2);
  const [first, second] = [new PassThrough(), new PassThrough()];
  const stopFirst = keepAlive.add(first);
  const stopSecond = keepAlive.add(second);
  await waitFor(() => first.readableLength > 3 && second.readableLength > 3);
  stopFirst();
  const before = [first.readableLength, second.readableLength];
  await waitFor(() => second.readableLength > (before[1] ?? 0));
  expect(first.readableLength).toBe(before[0]);
  stopSecond();
  expect(String(second.read())).toMatch(/^(:\n\n)+$/);
});

test('says nothing more to one that does not read', async () => {
  const keepAlive = createKeepAlive(':\n\n', 2);
  const full = new PassThrough({ highWaterMark: 1 });
  const free = new PassThrough();
  keepAlive.add(full);
  keepAlive.add(free);
  await waitFor(() => free.readableLength > 9);
  expect(full.readableLength).toBeLessThanOrEqual(6);
});
