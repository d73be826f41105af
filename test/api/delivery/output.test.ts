import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { request } from 'undici';
import { signalOf } from '../../../api/connection-signal.ts';
import { createOutput } from '../../../api/delivery/output.ts';

const app = express();
const text = 'naïve ☃ \ud83d\ude00 plain\n';
app.get('/whole', async (_request, response) => {
  const output = createOutput(response, signalOf(response));
  for (const part of [text, '', 'ascii\n']) await output.write(part);
  expect(output.writes()).toBe(2);
  output.end();
});
app.get('/cut', async (_request, response) => {
  const output = createOutput(response, signalOf(response));
  await output.write(text);
  output.cut();
});
const server = createServer(app);
const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

test('writes text in UTF-8', async () => {
  const { body } = await request(`${origin()}/whole`);
  expect(await body.text()).toBe(`${text}ascii\n`);
});

test('a cut answer has what was written, and no end', async () => {
  const { body } = await request(`${origin()}/cut`);
  const seen: Buffer[] = [];
  const reading = (async () => {
    for await (const chunk of body as AsyncIterable<Buffer>) seen.push(chunk);
  })();
  await expect(reading).rejects.toThrow('other side closed');
  expect(Buffer.concat(seen).toString()).toBe(text);
});
