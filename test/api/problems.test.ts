import { expect, test } from '@jest/globals';
import { problemCodes } from '../../api/problem.ts';
import { testApi } from '../support/api.ts';

const api = testApi({ keys: [{ name: 'alice', key: 'k'.repeat(32) }] });

test('every problem leads to a page that says what to do, which needs no key', async () => {
  const { json } = await api.call('GET', '/v1/batches');
  expect(json.type).toBe('/problems/unauthorized');
  const answer = await api.call('GET', json.type);
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'public, max-age=3600',
  });
  expect(answer.text).toBe('unauthorized (401 Unauthorized)\n  send `Authorization: Bearer <key>`, once\n');
});

test('one page has them all', async () => {
  const { text } = await api.call('GET', '/problems');
  expect(text.match(/^\w+(?= \()/gm)).toEqual(problemCodes);
});

test.each(['constructor', '__proto__', 'Internal', '%00', 'internal/x'])(
  'has no page for %s',
  async (code) => {
    const answer = await api.call('GET', `/problems/${code}`);
    expect([answer.status, answer.json.code]).toEqual([404, 'route_not_found']);
  },
);
