import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { pino } from 'pino';
import { request } from 'undici';
import { answerErrors } from '../../api/error-answers.ts';
import { identifyRequest } from '../../api/request-id.ts';
import { BatchVanishedError } from '../../shared/batch-intake.ts';
import { connectRedis } from '../../shared/redis.ts';
import { UnknownVersionError } from '../../shared/unknown-version.ts';

const log: string[] = [];
const absent = connectRedis('redis://127.0.0.1:1', 'api');
const app = express();
app.use(identifyRequest);
app.get('/bug', () => {
  throw new TypeError('a secret of the inside');
});
app.get('/thrown', () => {
  // oxlint-disable-next-line typescript/only-throw-error -- libraries do such things
  throw 'text';
});
app.get('/redis', async () => void (await absent.get('x')));
app.get('/full', () => {
  throw Object.assign(new Error("OOM command not allowed when used memory > 'maxmemory'."), {
    name: 'ReplyError',
  });
});
app.get('/vanished', () => {
  throw new BatchVanishedError('batch bat_1 takes no more requests');
});
app.get('/newer', () => {
  throw new UnknownVersionError('a segment', 2);
});
app.get('/late', (_request, response, next) => {
  response.write('half');
  setImmediate(() => next(new Error('too late')));
});
app.use(answerErrors(pino({}, { write: (line: string) => log.push(line) })));
const server: Server = createServer(app);
const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(async () => {
  absent.disconnect();
  await new Promise((resolve) => server.close(resolve));
});

test.each(['/bug', '/thrown'])('tells nothing of a fault of ours at %s, and logs it whole', async (path) => {
  const headers = { 'x-request-id': `id-of-${path.slice(1)}` };
  const answer = await request(`${origin()}${path}`, { headers });
  expect(answer.statusCode).toBe(500);
  expect(await answer.body.json()).toEqual({
    type: '/problems/internal',
    title: 'Internal Server Error',
    status: 500,
    code: 'internal',
    detail: 'a fault of the service; it has been logged',
    requestId: `id-of-${path.slice(1)}`,
  });
  const line = log.find((each) => each.includes(`"path":"${path}"`)) ?? '{}';
  expect(JSON.parse(line)).toMatchObject({ level: 50, requestId: `id-of-${path.slice(1)}` });
});

test('logs the stack of a fault', () => {
  expect(log.join('')).toContain('error-answers.test.ts');
});

test('says that Redis is away, and when to come again', async () => {
  const answer = await request(`${origin()}/redis`);
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '2']);
  expect(await answer.body.json()).toMatchObject({ code: 'store_unavailable' });
});

test('says that Redis is full, and when to come again', async () => {
  const answer = await request(`${origin()}/full`);
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([507, '30']);
  expect(await answer.body.json()).toMatchObject({ code: 'storage_full', title: 'Insufficient Storage' });
  expect(log.join('')).toContain('OOM command not allowed');
});

test('says that Redis lost what was saved, and when to send it again', async () => {
  const answer = await request(`${origin()}/vanished`);
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '2']);
  expect(await answer.body.json()).toMatchObject({ code: 'store_unavailable' });
});

test('says that a newer API can tell', async () => {
  const answer = await request(`${origin()}/newer`);
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '30']);
  expect(await answer.body.json()).toMatchObject({
    code: 'store_unavailable',
    detail: expect.stringContaining('a segment of version 2'),
  });
});

test('cuts an answer that has begun', async () => {
  const answer = await request(`${origin()}/late`);
  await expect(answer.body.text()).rejects.toThrow('other side closed');
});
