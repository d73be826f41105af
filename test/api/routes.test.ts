import { expect, test } from '@jest/globals';
import { testApi } from '../support/api.ts';

const api = testApi();
const id = 'bat_01930000-0000-7000-8000-000000000000';

test.each([
  ['PUT', '/v1/batches', 'GET, POST, HEAD, OPTIONS'],
  ['PATCH', `/v1/batches/${id}`, 'GET, DELETE, HEAD, OPTIONS'],
  ['GET', `/v1/batches/${id}/cancel`, 'POST, OPTIONS'],
  ['HEAD', `/v1/batches/${id}/cancel`, 'POST, OPTIONS'],
  ['POST', `/v1/batches/${id}/results`, 'GET, HEAD, OPTIONS'],
  ['POST', '/v1/hosts', 'GET, HEAD, OPTIONS'],
  ['POST', '/v1/hosts/http%3A%2F%2Fa.test', 'GET, PUT, DELETE, HEAD, OPTIONS'],
  ['DELETE', '/livez', 'GET, HEAD, OPTIONS'],
])('answers %s %s with 405 and what is allowed', async (method, path, allow) => {
  const answer = await api.call(method, path);
  expect([answer.status, answer.headers['allow']]).toEqual([405, allow]);
});

test('answers OPTIONS', async () => {
  const answer = await api.call('OPTIONS', '/v1/batches');
  expect([answer.status, answer.headers['allow']]).toEqual([204, 'GET, POST, HEAD, OPTIONS']);
});

test('answers HEAD as GET, without a body', async () => {
  const answer = await api.call('HEAD', '/v1/batches');
  expect([answer.status, answer.headers['content-length'], answer.text]).toEqual([200, '27', '']);
});

test('tells upper and lower case apart in paths', async () => {
  for (const path of ['/V1/batches', '/v1/Batches', `/v1/batches/${id}/Results`, '/LIVEZ']) {
    expect((await api.call('GET', path)).json.code).toBe('route_not_found');
  }
});
