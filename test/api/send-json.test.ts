import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import express, { type Express } from 'express';
import { request } from 'undici';
import { sendJson, sendJsonLine, sendJsonText } from '../../api/send-json.ts';

const listen = async (app: Express): Promise<{ origin: string; close: () => void }> => {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => void server.close() };
};

test('every answer is one line that ends', async () => {
  const app = express();
  app.get('/value', (_request, response) => sendJson(response, { a: 'é' }));
  app.get('/text', (_request, response) => sendJsonText(response, '[1]', 'application/problem+json'));
  const { origin, close } = await listen(app);
  const value = await request(`${origin}/value`);
  expect(value.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(await value.body.text()).toBe('{"a":"é"}\n');
  const text = await request(`${origin}/text`);
  expect(text.headers['content-type']).toMatch('application/problem+json');
  expect(await text.body.text()).toBe('[1]\n');
  close();
});

test('a line is not sent to who has it, nor its body to who asks for the head', async () => {
  const line = Buffer.from('{"a":"é"}\n');
  const app = express();
  app.get('/', (_request, response) => sendJsonLine(response.set('ETag', 'W/"a"'), line));
  const { origin, close } = await listen(app);
  const ask = async (method: 'GET' | 'HEAD', tag: string): Promise<unknown[]> => {
    const { statusCode, headers, body } = await request(origin, {
      method,
      headers: { 'if-none-match': tag },
    });
    return [statusCode, headers['etag'], headers['content-length'], await body.text()];
  };
  expect(await ask('GET', 'W/"b"')).toEqual([200, 'W/"a"', String(line.length), String(line)]);
  expect(await ask('HEAD', 'W/"b"')).toEqual([200, 'W/"a"', String(line.length), '']);
  expect(await ask('GET', '"a"')).toEqual([304, 'W/"a"', undefined, '']);
  expect(await ask('HEAD', '*')).toEqual([304, 'W/"a"', undefined, '']);
  close();
});
