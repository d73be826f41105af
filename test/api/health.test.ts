import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { pino } from 'pino';
import { request } from 'undici';
import { answerErrors } from '../../api/error-answers.ts';
import { createHealthRoutes } from '../../api/health.ts';
import type { Crowding } from '../../shared/capacity.ts';

const state: { answer: () => Promise<unknown>; crowding?: Crowding | undefined } = {
  answer: async () => 'PONG',
};
const stopping = new AbortController();
const app = express();
const capacity = { look: async (): Promise<Crowding | undefined> => state.crowding };
app.use(createHealthRoutes({ probe: () => state.answer(), capacity, stopping: stopping.signal }));
app.use(answerErrors(pino({ level: 'silent' })));
const server = createServer(app);
const get = (path: string): ReturnType<typeof request> =>
  request(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
const statusOf = async (path: string): Promise<number> => {
  const answer = await get(path);
  await answer.body.dump();
  return answer.statusCode;
};

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

test('is ready while Redis answers', async () => {
  expect([await statusOf('/livez'), await statusOf('/readyz')]).toEqual([200, 200]);
});

test('is ready while only new batches are turned away, and says so', async () => {
  state.crowding = 'memory';
  const answer = await get('/readyz');
  expect([answer.statusCode, await answer.body.json()]).toEqual([200, { status: 'full', of: 'memory' }]);
  state.crowding = undefined;
});

test('is alive but not ready while Redis fails', async () => {
  state.answer = () => Promise.reject(new Error('down'));
  expect([await statusOf('/livez'), await statusOf('/readyz')]).toEqual([200, 503]);
});

test('says within 2 s that Redis does not answer at all', async () => {
  state.answer = () => new Promise(() => {});
  const begun = performance.now();
  expect(await statusOf('/readyz')).toBe(503);
  expect(performance.now() - begun).toBeLessThan(2000);
});

test('is not ready once it stops', async () => {
  state.answer = async () => 'PONG';
  stopping.abort();
  expect([await statusOf('/livez'), await statusOf('/readyz')]).toEqual([200, 503]);
});
