import { expect, test } from '@jest/globals';
import { testApi } from '../support/api.ts';

const api = testApi();

test('finds a batch by its id', async () => {
  const id = await api.submit(['https://example.com/']);
  expect((await api.call('GET', `/v1/batches/${id}`)).json.id).toBe(id);
});

test.each([
  'bat_01930000-0000-7000-8000-000000000000',
  'x',
  'bat_*',
  '%F0%9F%92%A9',
  'bat_01930000',
  '..%2f',
])('does not find %s, and says so in the same words', async (id) => {
  const answer = await api.call('GET', `/v1/batches/${id}`);
  expect(answer.json).toEqual({
    type: '/problems/batch_not_found',
    title: 'Not Found',
    status: 404,
    code: 'batch_not_found',
    detail: 'there is no such batch',
    requestId: answer.headers['x-request-id'],
  });
});

test('does not find a batch that is not sealed yet', async () => {
  const id = await api.submit(['https://example.com/']);
  await api.redis.hset(`${api.prefix}:{${id}}:meta`, 'sealed', '0');
  expect((await api.call('GET', `/v1/batches/${id}`)).status).toBe(404);
});
