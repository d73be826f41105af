import { expect, test } from '@jest/globals';
import { testApi, type Answer } from '../support/api.ts';

const keys = [
  { name: 'alice', key: 'alice-0123456789abcdef' },
  { name: 'bob', key: 'bob-0123456789abcdef' },
];
const api = testApi({ keys });

const as = (key: string): { authorization: string } => ({ authorization: `Bearer ${key}` });
const list = (headers: Record<string, string | string[]>): Promise<Answer> =>
  api.call('GET', '/v1/batches', { headers });

/** But for what is unlike in every answer. */
const bodyOf = (answer: Answer | undefined): object => ({ ...answer?.json, requestId: 'any' });

test('lets in who has a key', async () => {
  expect((await list(as(keys[0]?.key ?? ''))).status).toBe(200);
  expect((await list({ authorization: `bearer ${keys[1]?.key}` })).status).toBe(200);
});

test('refuses all others with one and the same answer', async () => {
  const refused = [
    await list({}),
    await list(as('alice-0123456789abcde')),
    await list(as('alice-0123456789abcdef0')),
    await list({ authorization: 'Basic YWxpY2U6eA==' }),
    await list({ authorization: keys[0]?.key ?? '' }),
    await list({ authorization: [`Bearer ${keys[0]?.key}`, `Bearer ${keys[1]?.key}`] }),
  ];
  for (const answer of refused) {
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="fetchfleet"');
    expect(bodyOf(answer)).toEqual(bodyOf(refused[0]));
  }
});

test('hides the batches of one owner from the other as if they were not', async () => {
  const [alice, bob] = [as(keys[0]?.key ?? ''), as(keys[1]?.key ?? '')];
  const submitted = await api.call('POST', '/v1/batches', {
    json: { urls: ['https://example.com/'] },
    headers: alice,
  });
  const { id } = submitted.json;
  const unknown = 'bat_01930000-0000-7000-8000-000000000000';
  for (const [method, rest] of [
    ['GET', ''],
    ['GET', '/results'],
    ['GET', '/results/0'],
    ['GET', '/results/0/body'],
    ['POST', '/cancel'],
    ['DELETE', ''],
  ] as const) {
    const others = await api.call(method, `/v1/batches/${id}${rest}`, { headers: bob });
    const none = await api.call(method, `/v1/batches/${unknown}${rest}`, { headers: bob });
    expect([others.status, bodyOf(others)]).toEqual([404, bodyOf(none)]);
  }
  expect((await list(bob)).json.batches).toEqual([]);
  expect((await list(alice)).json.batches[0]).toMatchObject({ id, status: 'queued' });
});
