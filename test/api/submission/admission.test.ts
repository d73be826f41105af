import { expect, test } from '@jest/globals';
import { createConnection } from 'node:net';
import type { Crowding } from '../../../shared/capacity.ts';
import { storedResult, testApi } from '../../support/api.ts';

const state: { crowding?: Crowding | undefined } = {};
const api = testApi({ capacity: { look: async () => state.crowding } });
const submission = { json: { urls: ['https://example.com/'] } };

test.each<[Crowding, number, string]>([
  ['memory', 507, 'storage_full'],
  ['backlog', 503, 'backlog_full'],
])('where there is too much %s, submissions are turned away with %d', async (crowding, status, code) => {
  state.crowding = crowding;
  const answer = await api.call('POST', '/v1/batches', submission);
  expect([answer.status, answer.json.code]).toEqual([status, code]);
  expect(answer.headers['retry-after']).toBe('30');
  expect(answer.headers['content-type']).toContain('application/problem+json');
  state.crowding = undefined;
  expect((await api.call('POST', '/v1/batches', submission)).status).toBe(202);
});

test('what was accepted before is answered as it was, and nothing new is let in by a key', async () => {
  const withKey = (key: string): ReturnType<typeof api.call> =>
    api.call('POST', '/v1/batches', { ...submission, headers: { 'idempotency-key': key } });
  const first = await withKey('known');
  state.crowding = 'memory';
  const again = await withKey('known');
  expect([again.status, again.json.id]).toEqual([202, first.json.id]);
  expect((await withKey('new')).json.code).toBe('storage_full');
  state.crowding = undefined;
});

test('what is there can be read and deleted meanwhile', async () => {
  const id = await api.submit(['https://example.com/']);
  await api.results.record(id, [storedResult(0)]);
  state.crowding = 'memory';
  expect((await api.call('GET', `/v1/batches/${id}/results`)).status).toBe(200);
  expect((await api.call('DELETE', `/v1/batches/${id}`)).status).toBe(204);
  state.crowding = undefined;
});

test('turns a large one away before its body is sent', async () => {
  state.crowding = 'memory';
  const head = await new Promise<string>((resolve) => {
    const socket = createConnection(api.port(), '127.0.0.1');
    socket.write(
      'POST /v1/batches HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999999\r\nExpect: 100-continue\r\n\r\n',
    );
    socket.once('data', (bytes) => {
      resolve(bytes.toString());
      socket.destroy();
    });
  });
  expect(head).toMatch(/^HTTP\/1\.1 507 /);
  state.crowding = undefined;
});
