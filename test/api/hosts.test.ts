import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createKeys } from '../../shared/keys.ts';
import { closeRedis } from '../../shared/redis.ts';
import { createPoliteness } from '../../worker/hosts/politeness.ts';
import { testApi } from '../support/api.ts';
import { resolved, response } from '../support/outcomes.ts';
import { acquire } from '../support/permits.ts';
import { waitFor } from '../support/wait-for.ts';

const api = testApi();
const secret = 'k'.repeat(32);
const guarded = testApi({ keys: [{ name: 'alice', key: secret }] });
const pathOf = (host: string): string => `/v1/hosts/${encodeURIComponent(host)}`;
const limits = { concurrency: 8, rate: { requests: 50, periodMs: 1000 } };

test('sets the limits of a host, shows them, and removes them', async () => {
  const path = pathOf('http://limited.test');
  const put = await api.call('PUT', path, { json: limits });
  expect([put.status, put.json.limits, put.json.limit]).toEqual([200, limits, 8]);
  expect((await api.call('GET', path)).json).toEqual(put.json);
  expect((await api.call('PUT', path, { json: { concurrency: 4 } })).json.limits).toEqual({ concurrency: 4 });
  for (let times = 0; times < 2; times += 1) {
    const removed = await api.call('DELETE', path);
    expect([removed.status, removed.text]).toEqual([204, '']);
  }
  expect((await api.call('GET', path)).json).toMatchObject({ limits: null, limit: null });
});

test('knows a host by its origin, however it is written', async () => {
  const path = '/v1/hosts/HTTP%3A%2F%2FSpelled.TEST%3A80%2F';
  const put = await api.call('PUT', path, { json: limits });
  expect(put.json).toMatchObject({
    host: 'http://spelled.test',
    links: { self: pathOf('http://spelled.test') },
  });
  expect((await api.call('GET', put.json.links.self)).json).toEqual(put.json);
});

test('a host never asked is idle, and nothing is set for it', async () => {
  const { status, json } = await api.call('GET', pathOf('http://unheard-of.test'));
  expect([status, json.state, json.limits, json.limit]).toEqual([200, 'idle', null, null]);
});

test.each([
  ['/v1/hosts/http://example.org', 'percent-encode the host'],
  [pathOf('http://example.org/path?x'), 'leave out path, query and fragment, as in http://example.org'],
  [pathOf('ftp://example.org'), 'the scheme ftp: is not supported'],
  ['/v1/hosts/%', 'malformed % escape'],
])('refuses the path %s', async (path, detail) => {
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const answer = await api.call(method, path, method === 'PUT' ? { json: limits } : {});
    expect([answer.status, answer.json.code]).toEqual([400, 'path_invalid']);
    expect(answer.json.detail).toContain(detail);
  }
});

test.each([
  [{}, ''],
  [{ concurrency: 0 }, '/concurrency'],
  [{ concurrency: '8' }, '/concurrency'],
  [{ rate: { requests: 50 } }, '/rate/periodMs'],
  [{ rate: { requests: 50, periodMs: 1000, burst: 4 } }, '/rate/burst'],
  [{ concurrency: 8, perHost: {} }, '/perHost'],
])('refuses the limits %j at %s', async (json, pointer) => {
  const path = pathOf('http://refused.test');
  const answer = await api.call('PUT', path, { json });
  expect([answer.status, answer.json.code]).toEqual([400, 'body_invalid']);
  expect(answer.json.errors.map((error: { pointer: string }) => error.pointer)).toEqual([pointer]);
  expect((await api.call('GET', path)).json.limits).toBeNull();
});

test('takes JSON of a moderate size and nothing else', async () => {
  const path = pathOf('http://refused.test');
  const put = (body: string, type = 'application/json'): ReturnType<typeof api.call> =>
    api.call('PUT', path, { body, headers: { 'content-type': type } });
  const text = await put('concurrency=8', 'text/plain');
  expect([text.status, text.headers['accept']]).toEqual([415, 'application/json']);
  expect((await put('{}', 'application/json; charset=latin1')).json.code).toBe('unsupported_charset');
  expect((await put('{')).json.code).toBe('body_invalid_json');
  expect((await put('[]')).json.code).toBe('body_invalid_json');
  expect((await put('{"__proto__":{}}')).json.errors[0].pointer).toBe('/__proto__');
  expect((await put(`{"x":"${'x'.repeat(20_000)}"}`)).json.code).toBe('body_too_large');
  expect((await put('')).json.code).toBe('body_invalid_json');
});

test('refuses what it does not understand of a query', async () => {
  for (const path of [
    '/v1/hosts?after=example.org',
    '/v1/hosts?limit=0',
    `${pathOf('http://a.test')}?force=1`,
  ])
    expect((await api.call('GET', path)).json.code).toBe('query_invalid');
  const put = await api.call('PUT', `${pathOf('http://a.test')}?force=1`, { json: limits });
  expect(put.json.code).toBe('query_invalid');
});

test('asks for the key', async () => {
  for (const method of ['GET', 'PUT', 'DELETE']) {
    expect((await guarded.call(method, pathOf('http://a.test'))).status).toBe(401);
  }
  const headers = { authorization: `Bearer ${secret}` };
  expect((await guarded.call('GET', '/v1/hosts', { headers })).json).toEqual({ hosts: [], next: null });
});

test('lists hosts by name, page by page', async () => {
  const names = ['http://page-1.test', 'http://page-2.test', 'http://page-3.test'];
  for (const name of names) await api.call('PUT', pathOf(name), { json: { concurrency: 1 } });
  const first = await api.call('GET', `/v1/hosts?limit=2&after=${encodeURIComponent('http://page-0.test')}`);
  expect(first.json.hosts.map(({ host }: { host: string }) => host)).toEqual(names.slice(0, 2));
  expect(first.json.next).toBe(names[1]);
  const second = await api.call('GET', `/v1/hosts?limit=1&after=${encodeURIComponent(first.json.next)}`);
  expect(second.json.hosts[0]).toEqual((await api.call('GET', pathOf('http://page-3.test'))).json);
});

test('shows what a worker has of a host, as it lets go and as the host asks for a wait', async () => {
  const host = 'http://asked.test';
  const keys = createKeys(api.prefix);
  const politeness = createPoliteness({
    redis: api.redis,
    keys,
    logger: pino({ level: 'silent' }),
    worker: 'worker-of-this-test',
    concurrency: 50,
    hosts: { areLimited: true, limits: { concurrency: 256 } },
    promote: async () => {},
  });
  const subscriber = api.redis.duplicate();
  subscriber.on('message', (_channel, text: string) => politeness.hear(text));
  await subscriber.subscribe(keys.hostEvents, keys.worker('worker-of-this-test'));
  await api.call('PUT', pathOf(host), { json: { concurrency: 2 } });
  await politeness.refresh();

  const view = async (): Promise<Record<string, unknown>> => (await api.call('GET', pathOf(host))).json;
  const shows = (fields: Record<string, unknown>): Promise<boolean> =>
    waitFor(async () => {
      const seen = await view();
      return Object.entries(fields).every(([name, value]) => seen[name] === value);
    });
  const asked = Array.from({ length: 5 }, () => acquire(politeness.permits, { host }));
  const first = await asked[0];
  await shows({ state: 'ok', limit: 2, inFlight: 2, waiting: 3 });
  if (first === undefined) throw new Error('no permit was had');
  politeness.permits.release(first);
  await shows({ inFlight: 2, waiting: 2 });
  await api.call('PUT', pathOf(host), { json: { concurrency: 4 } });
  await shows({ limit: 4, inFlight: 4, waiting: 0 });

  politeness.observe(host, resolved(), response(503, { headers: ['retry-after', '60'] }));
  await shows({ state: 'blocked', why: 'it answered 503 and asked for a wait' });
  expect(Date.parse(String((await view())['blockedUntil']))).toBeGreaterThan(Date.now() + 30_000);
  const { json } = await api.call('GET', '/v1/hosts?limit=1000');
  expect(json.hosts.find((each: { host: string }) => each.host === host)).toMatchObject({ state: 'blocked' });

  for (const ticket of await Promise.all(asked.slice(1)))
    if (ticket !== undefined) politeness.permits.release(ticket);
  politeness.permits.close();
  await politeness.close();
  await closeRedis(subscriber);
  expect(await view()).toMatchObject({ state: 'blocked', inFlight: 0, waiting: 0 });
});
