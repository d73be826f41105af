import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { messageClassesOf } from '../../api/message-classes.ts';

const app = express();
app.get('/', (request, response) => void response.json({ accepts: request.accepts('json') }));
const prototypes: unknown[] = [];
const server = createServer(messageClassesOf(app), (request, response) => {
  prototypes.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response));
  app(request, response);
});
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => new Promise((resolve) => server.close(resolve)));

test('have what Express gives to messages, and from the start, so that it has nothing to exchange', async () => {
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  expect(await answer.json()).toEqual({ accepts: 'json' });
  expect(prototypes[0]).toBe(app.request);
  expect(prototypes[1]).toBe(app.response);
});
