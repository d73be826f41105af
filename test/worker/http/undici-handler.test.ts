import { expect, test } from '@jest/globals';
import { Client } from 'undici';
import type { Receiver } from '../../../worker/http/carrier.ts';
import { createHeadReader } from '../../../worker/http/head-reader.ts';
import { UndiciHandler } from '../../../worker/http/undici-handler.ts';
import { openTarget } from '../../support/target-server.ts';
import type { Animal } from '../../support/target-server.ts';

/** What is told of one request, up to its end. */
const ask = async (animal: Animal, isWanted = true): Promise<readonly string[]> => {
  const target = await openTarget(animal);
  const client = new Client(target.origin);
  const told: string[] = [];
  await new Promise<void>((resolve) => {
    const receiver: Receiver = {
      isInSizedBody: false,
      onSending: () => told.push('sending') > 0 && isWanted,
      onFields: (status, headers) => told.push(`${status} ${headers.includes('content-length')}`),
      onChunk: (chunk) => told.push(chunk.toString()),
      onWhole: () => resolve(void told.push('whole')),
      onBroken: ({ message }) => resolve(void told.push(message)),
    };
    client.dispatch({ path: '/', method: 'GET' }, new UndiciHandler(receiver, createHeadReader()));
  });
  await client.destroy();
  await target.close();
  return told;
};

test('passes on each step of a request', async () => {
  const told = await ask({ about: 'well-behaved', onRequest: ({ reply }) => reply('hello') });
  expect(told).toEqual(['sending', '200 true', 'hello', 'whole']);
});

test('sends nothing that nobody wants any more', async () => {
  const told = await ask({ about: 'well-behaved', onRequest: ({ reply }) => reply('hello') }, false);
  expect(told).toEqual(['sending', 'abandoned']);
});

test('says why there is no whole response', async () => {
  const told = await ask({ about: 'rude', onRequest: ({ socket }) => socket.destroy() });
  expect(told).toEqual(['sending', 'other side closed']);
});
