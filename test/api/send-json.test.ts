import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import express from 'express';
import { request } from 'undici';
import { sendJson, sendJsonText } from '../../api/send-json.ts';

test('every answer is one line that ends', async () => {
  const app = express();
  app.get('/value', (_request, response) => sendJson(response, { a: 'é' }));
  app.get('/text', (_request, response) => sendJsonText(response, '[1]', 'application/problem+json'));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const value = await request(`${origin}/value`);
  expect(value.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(await value.body.text()).toBe('{"a":"é"}\n');
  const text = await request(`${origin}/text`);
  expect(text.headers['content-type']).toMatch('application/problem+json');
  expect(await text.body.text()).toBe('[1]\n');
  server.close();
});
