import { expect, test } from '@jest/globals';
import { testApi, type Answer } from '../../support/api.ts';

const api = testApi();

const ask = async (query: string, accept?: string): Promise<Answer> => {
  const id = await api.submit(['https://example.com/']);
  await api.call('POST', `/v1/batches/${id}/cancel`);
  return await api.call('GET', `/v1/batches/${id}/results?${query}`, {
    headers: accept === undefined ? {} : { accept },
  });
};

test.each([
  ['', undefined, 'application/json'],
  ['', 'application/x-ndjson', 'application/x-ndjson'],
  ['format=ndjson', undefined, 'application/x-ndjson'],
  ['format=ndjson', 'text/html', 'application/x-ndjson'],
  ['format=json', 'application/x-ndjson', 'application/json'],
  ['', 'text/csv', 'text/csv'],
  ['format=csv', 'text/html', 'text/csv'],
  ['follow=true', undefined, 'application/x-ndjson'],
  ['follow=true', '*/*', 'application/x-ndjson'],
  ['follow=false', '*/*', 'application/json'],
])('?%s with Accept: %s is answered as %s', async (query, accept, type) => {
  const answer = await ask(query, accept);
  expect([answer.status, answer.headers['content-type']?.toString().split(';')[0]]).toEqual([200, type]);
  expect(answer.text).toContain('cancelled');
});

test.each([
  ['format=xml', 'format'],
  ['follow=yes', 'follow'],
  ['follow=true&format=json', 'follow'],
  ['follow=true&format=csv', 'follow'],
  ['order=random', 'order'],
  ['limit=1001', 'limit'],
  ['fields=cursor,cursor', 'fields'],
])('refuses ?%s', async (query, parameter) => {
  const answer = await ask(query);
  expect([answer.status, answer.json.code]).toEqual([400, 'query_invalid']);
  expect(answer.json.errors).toMatchObject([{ parameter }]);
});

test('is not acceptable where only pages are taken of what is followed', async () => {
  expect((await ask('follow=true', 'application/json')).status).toBe(406);
});

test('offers what is streamed as a file named for the batch', async () => {
  for (const form of ['csv', 'ndjson']) {
    const { headers } = await ask(`format=${form}`);
    expect(headers['content-disposition']).toMatch(
      new RegExp(`^attachment; filename="bat_[0-9a-f-]+\\.${form}"$`),
    );
  }
  expect((await ask('format=json')).headers).not.toHaveProperty('content-disposition');
});
