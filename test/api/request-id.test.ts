import { expect, test } from '@jest/globals';
import { testApi, type Answer } from '../support/api.ts';

const api = testApi();

const sentWith = (id: string | string[]): Promise<Answer> =>
  api.call('GET', '/livez', { headers: { 'x-request-id': id } });

const isOurs = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

test('takes the id that was sent, and makes one where none was', async () => {
  for (const id of ['a', '0af7651916cd43dd8448eb211c80319c', 'edge/1:a.b_c-d+e=@f', 'x'.repeat(128)]) {
    expect((await sentWith(id)).headers['x-request-id']).toBe(id);
  }
  const [first, second] = [await api.call('GET', '/livez'), await api.call('GET', '/livez')];
  expect(first.headers['x-request-id']).toMatch(isOurs);
  expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
});

test.each([
  ['an empty one', ''],
  ['a long one', 'x'.repeat(129)],
  ['one with spaces', 'a b'],
  ['one that would add to a line of the log', 'a","level":60,"x":"'],
  ['one that is a colour of the terminal', '\u009b31m'],
  ['one with letters of elsewhere', 'é'],
  ['two', ['a', 'b']],
])('takes an id of its own over %s', async (_, id) => {
  expect((await sentWith(id)).headers['x-request-id']).toMatch(isOurs);
});

test('a problem has the id in its body, whoever found it', async () => {
  const headers = { 'x-request-id': 'abc' };
  for (const path of ['/v1/nothing', '/v1/batches?limit=x', '/v1/batches/%zz']) {
    const answer = await api.call('GET', path, { headers });
    expect(answer.json).toMatchObject({ status: answer.status, requestId: 'abc' });
  }
});
