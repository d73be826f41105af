import { expect, test } from '@jest/globals';
import { testApi, type Answer } from '../support/api.ts';

const keys = ['alice', 'bob'].map((name) => ({ name, key: name.repeat(5) }));
const api = testApi({ keys, callsPerMinute: 3 });
const unlimited = testApi();

const list = (name: string): Promise<Answer> =>
  api.call('GET', '/v1/batches', { headers: { authorization: `Bearer ${name.repeat(5)}` } });

test('tells what is left, and refuses what is over it with when to come again', async () => {
  for (const left of [2, 1, 0]) {
    const { status, headers } = await list('alice');
    expect([status, headers['ratelimit-policy']]).toEqual([200, '"calls";q=3;w=60']);
    expect(headers['ratelimit']).toMatch(new RegExp(`^"calls";r=${left};t=\\d+$`));
  }
  const refused = await list('alice');
  expect(refused.status).toBe(429);
  expect(refused.json).toMatchObject({ code: 'rate_limited', title: 'Too Many Requests' });
  const seconds = Number(refused.headers['retry-after']);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(20);
  expect(refused.headers['ratelimit']).toBe(`"calls";r=0;t=${seconds}`);
  expect((await list('bob')).status).toBe(200);
});

test('counts nothing of who has no key, and nothing beside the API proper', async () => {
  for (const path of ['/v1/batches', '/livez']) {
    expect((await api.call('GET', path)).headers).not.toHaveProperty('ratelimit');
  }
});

test('asks and tells nothing where there is no limit', async () => {
  expect((await unlimited.call('GET', '/v1/batches')).headers).not.toHaveProperty('ratelimit');
  expect(await unlimited.redis.keys(`${unlimited.prefix}:calls:*`)).toEqual([]);
});
