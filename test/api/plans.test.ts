import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { createHostLimitStore } from '../../shared/host-limit-store.ts';
import { createKeys } from '../../shared/keys.ts';
import { redisNow } from '../../shared/script.ts';
import { testApi, type Answer } from '../support/api.ts';

const api = testApi({ maxRequests: 30_000 });
const keys = createKeys(api.prefix);
const hostLimits = createHostLimitStore(api.redis, keys);

const plan = (json: object): Promise<Answer> => api.call('POST', '/v1/plans', { json });
const post = (body: string | Buffer, query = '', headers: Record<string, string> = {}): Promise<Answer> =>
  api.call('POST', `/v1/plans${query}`, {
    body,
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  });

/** As a worker does that lives. */
const sign = async (worker: string, agoMs = 0): Promise<void> =>
  void (await api.redis.zadd(keys.workers, (await redisNow(api.redis)) - agoMs, worker));

test('says what a batch would come to, and stores nothing', async () => {
  await sign('here');
  await sign('gone', 60_000);
  await hostLimits.set('https://slow.example', { rate: { requests: 10, periodMs: 1000 } });
  const countKeys = async (): Promise<number> => (await api.redis.keys(`${api.prefix}:*`)).length;
  const before = await countKeys();
  const urls = [
    ...Array.from({ length: 101 }, (_, i) => `https://slow.example/${i}`),
    ...Array.from({ length: 20 }, (_, i) => `https://a.example/${i % 10}`),
    'http://10.0.0.1/',
    'nonsense',
  ];
  const { status, json } = await plan({ urls });
  expect(status).toBe(200);
  expect(json.counts).toEqual({ requests: 123, duplicates: 10, invalid: 2, fetched: 121, hosts: 2 });
  expect(json.invalid).toEqual([
    { index: 121, url: 'http://10.0.0.1/', message: expect.stringContaining('not a public address') },
    { index: 122, url: 'nonsense', message: expect.any(String) },
  ]);
  expect(json.hosts).toEqual([
    {
      host: 'https://slow.example',
      requests: 101,
      limits: { concurrency: 256, rate: { requests: 10, periodMs: 1000 } },
      seconds: 10,
    },
    { host: 'https://a.example', requests: 20, limits: { concurrency: 256 }, seconds: 0.5 },
  ]);
  expect(json.estimate).toEqual({
    seconds: 10,
    boundBy: 'https://slow.example',
    assumptions: { workers: 1, requestsInFlightPerWorker: 256, secondsPerRequest: 0.5 },
  });
  expect((await api.call('GET', '/v1/batches')).json.batches).toEqual([]);
  expect(await countKeys()).toBe(before);
});

test('takes what a batch takes', async () => {
  const lines = Array.from({ length: 12_000 }, (_, i) => `"https://h${i % 300}.example/${i}"\n`).join('');
  const zipped = await post(gzipSync(lines), '?perHost={"concurrency":1}&name=x', {
    'content-encoding': 'gzip',
  });
  expect(zipped.json.counts).toMatchObject({ requests: 12_000, fetched: 12_000, hosts: 300 });
  expect(zipped.json.hosts).toHaveLength(100);
  expect(zipped.json.hosts[0]).toMatchObject({ requests: 40, limits: { concurrency: 1 }, seconds: 20 });
  const template = { url: 'https://a.example/{n}', vars: { n: '1..25000' } };
  expect((await plan({ template })).json.counts.requests).toBe(25_000);
  const twice = await plan({ urls: ['https://a.example/', 'https://a.example/'], dedupe: true });
  expect(twice.json.counts).toMatchObject({ requests: 2, duplicates: 1, fetched: 1 });
});

test('refuses what it cannot plan', async () => {
  const settings = await plan({ urls: ['https://a.example/'], priority: 101 });
  expect([settings.status, settings.json.errors[0].pointer]).toEqual([400, '/priority']);
  expect((await post('"https://a/"\n'.repeat(30_001))).json.code).toBe('too_many_requests_in_batch');
  expect((await post('"https://a/"', '?nothing=1')).json.code).toBe('query_invalid');
  expect((await plan({})).status).toBe(400);
  const { status, headers } = await api.call('GET', '/v1/plans');
  expect([status, headers['allow']]).toEqual([405, 'POST, OPTIONS']);
});

test('estimates nothing where no worker is there', async () => {
  await api.redis.del(keys.workers);
  const { json } = await plan({ urls: ['https://a.example/'] });
  expect([json.estimate.seconds, json.estimate.boundBy]).toEqual([null, null]);
});
