import { expect, test } from '@jest/globals';
import { createHostLimitStore } from '../../shared/host-limit-store.ts';
import { createKeys } from '../../shared/keys.ts';
import { closeRedis } from '../../shared/redis.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, prefix } = testRedis();
const keys = createKeys(prefix);
const store = createHostLimitStore(redis, keys);
const limits = { concurrency: 8, rate: { requests: 50, periodMs: 1000 } };

test('keeps the limits of a host until they are removed', async () => {
  expect(await store.get('http://a.test')).toBeUndefined();
  await store.set('http://a.test', limits);
  await store.set('http://b.test', { concurrency: 1 });
  expect(await store.get('http://a.test')).toEqual(limits);
  expect(Object.fromEntries(await store.all())).toEqual({
    'http://a.test': limits,
    'http://b.test': { concurrency: 1 },
  });
  expect(await store.remove('http://a.test')).toBe(true);
  expect(await store.remove('http://a.test')).toBe(false);
  expect(await store.get('http://a.test')).toBeUndefined();
});

test('tells the workers of every change', async () => {
  const subscriber = redis.duplicate();
  const heard: string[] = [];
  subscriber.on('message', (_channel, text: string) => heard.push(text));
  await subscriber.subscribe(keys.hostEvents);
  await store.set('http://a.test', limits);
  await store.remove('http://a.test');
  await waitFor(() => heard.length === 2);
  expect(heard).toEqual(['rules', 'rules']);
  await closeRedis(subscriber);
});

test('passes over limits that another version wrote', async () => {
  await redis.hset(keys.hostLimits, 'http://new.test', '{"perSecond":4}');
  expect(await store.get('http://new.test')).toBeUndefined();
  expect((await store.all()).has('http://new.test')).toBe(false);
});
