import { expect, test } from '@jest/globals';
import { testApi } from '../support/api.ts';

const api = testApi();

test.each([
  ['*/*', 'application/json; charset=utf-8'],
  ['application/json', 'application/json; charset=utf-8'],
  ['application/*;q=0.5', 'application/json; charset=utf-8'],
  ['application/x-ndjson', 'application/x-ndjson'],
  ['application/json;q=0.1, application/x-ndjson', 'application/x-ndjson'],
])('answers Accept: %s with %s', async (accept, type) => {
  const id = await api.submit(['https://example.com/']);
  const answer = await api.call('GET', `/v1/batches/${id}/results`, { headers: { accept } });
  expect([answer.status, answer.headers['content-type']]).toEqual([200, type]);
  expect(answer.headers['vary']).toBe('Accept, Accept-Encoding');
});

test('refuses to answer what nobody can read', async () => {
  const id = await api.submit(['https://example.com/']);
  for (const path of [`/v1/batches/${id}/results`, `/v1/batches/${id}/results/0`, `/v1/batches/${id}`]) {
    const answer = await api.call('GET', path, { headers: { accept: 'text/html' } });
    expect([answer.status, answer.json.code]).toEqual([406, 'not_acceptable']);
  }
});

test('refuses a submission whose answer cannot be read, before it is accepted', async () => {
  const json = { urls: ['https://example.com/refused'] };
  const before = await api.call('GET', '/v1/batches');
  const answer = await api.call('POST', '/v1/batches', { json, headers: { accept: 'text/csv' } });
  expect(answer.status).toBe(406);
  expect((await api.call('GET', '/v1/batches')).json).toEqual(before.json);
});
