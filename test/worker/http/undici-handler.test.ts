import { expect, test } from '@jest/globals';
import { Client } from 'undici';
import type { HeaderList } from '../../../shared/result.ts';
import type { Receiver } from '../../../worker/http/carrier.ts';
import { HeadReader } from '../../../worker/http/head-reader.ts';
import { UndiciHandler } from '../../../worker/http/undici-handler.ts';
import { head, openTarget } from '../../support/target-server.ts';
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
    client.dispatch({ path: '/', method: 'GET' }, new UndiciHandler(receiver, new HeadReader()));
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

/** A handler, and the heads that it tells of. */
const hear = (): { readonly handler: UndiciHandler; readonly told: HeaderList[] } => {
  const told: HeaderList[] = [];
  const receiver: Receiver = {
    isInSizedBody: false,
    onSending: () => true,
    onFields: (_status, headers) => told.push(headers),
    onChunk: () => undefined,
    onWhole: () => undefined,
    onBroken: () => undefined,
  };
  return { handler: new UndiciHandler(receiver, new HeadReader()), told };
};

/** Has it read a head as undici would; answers what undici sees of the bytes. */
const readHead = (handler: UndiciHandler, server: string): string => {
  const bytes = Buffer.from(`${head('200 OK', [`server: ${server}`, 'content-length: 5'])}hello`);
  const raw = ['server', server, 'content-length', '5'].map((part) =>
    bytes.subarray(bytes.indexOf(part), bytes.indexOf(part) + part.length),
  );
  handler.onConnect(() => undefined);
  const spared = handler.onFirstBytes(bytes);
  handler.onHeaders(200, spared === 0 ? raw : [Buffer.from('content-length'), Buffer.from('5')]);
  return bytes.subarray(spared).toString();
};

test('spares undici a head that is known, and tells all of it', () => {
  const { handler, told } = hear();
  const seen = ['one', 'one', 'one', 'two'].map((server) => readHead(handler, server));
  const whole = (server: string): string =>
    `${head('200 OK', [`server: ${server}`, 'content-length: 5'])}hello`;
  const brief = 'HTTP/1.1 200 \r\ncontent-length:5\r\n\r\nhello';
  expect(seen).toEqual([whole('one'), whole('one'), brief, whole('two')]);
  const list = (server: string): HeaderList => ['server', server, 'content-length', '5'];
  expect(told).toEqual([list('one'), list('one'), list('one'), list('two')]);
});

test('forgets a head that was begun when the next request is sent', () => {
  const { handler, told } = hear();
  for (const server of ['one', 'one']) readHead(handler, server);
  const begun = Buffer.from(head('200 OK', ['server: one', 'content-length: 5']));
  expect(handler.onFirstBytes(begun)).toBeGreaterThan(0);
  handler.onConnect(() => undefined);
  handler.onHeaders(200, [Buffer.from('a'), Buffer.from('b')]);
  expect(told.at(-1)).toEqual(['a', 'b']);
});
