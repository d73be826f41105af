import { expect, test } from '@jest/globals';
import { createCapacity, isNearlyFull } from '../../shared/capacity.ts';
import { createKeys } from '../../shared/keys.ts';
import { queueKey } from '../../shared/queue.ts';
import { connectRedis } from '../../shared/redis.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const keys = createKeys(prefix);
// One of our own, since its limit is set.
const own = await startOwnRedis();

test('is short of memory above the mark, and has room again below it', async () => {
  const capacity = createCapacity({ redis: own.redis, keys, keptFor: { freshMs: 0 } });
  expect(await capacity.look()).toBeUndefined();
  const used = Number(/used_memory:(\d+)/.exec(await own.redis.info('memory'))?.[1]);
  await own.redis.config('SET', 'maxmemory', Math.round(used * 1.1));
  expect(await capacity.look()).toBe('memory');
  await own.redis.config('SET', 'maxmemory', used * 3);
  expect(await capacity.look()).toBeUndefined();
});

test('is short of room on the queue where more slices wait than may', async () => {
  const capacity = createCapacity({ redis, keys, maxSlices: 2, keptFor: { freshMs: 0 } });
  await redis.rpush(queueKey(prefix, 'wait'), 'a');
  await redis.zadd(queueKey(prefix, 'prioritized'), 1, 'b');
  expect(await capacity.look()).toBeUndefined();
  await redis.zadd(queueKey(prefix, 'delayed'), 1, 'c');
  expect(await capacity.look()).toBe('backlog');
});

test('looks once for all who ask within a while', async () => {
  const capacity = createCapacity({ redis, keys, maxSlices: 0, keptFor: { freshMs: 60_000 } });
  const looks = await Promise.all([capacity.look(), capacity.look()]);
  expect(looks).toEqual(['backlog', 'backlog']);
  await redis.del(queueKey(prefix, 'wait'), queueKey(prefix, 'prioritized'), queueKey(prefix, 'delayed'));
  expect(await capacity.look()).toBe('backlog');
});

test('a look that failed is not kept', async () => {
  const absent = connectRedis('redis://127.0.0.1:1', 'api');
  const capacity = createCapacity({ redis: absent, keys, keptFor: { freshMs: 60_000 } });
  const [first, second] = [capacity.look(), capacity.look()];
  await expect(first).rejects.toThrow("isn't writeable");
  await expect(second).rejects.toThrow("isn't writeable");
  const third = capacity.look();
  expect(third).not.toBe(first);
  await expect(third).rejects.toThrow("isn't writeable");
  absent.disconnect();
});

test.each([
  ['used_memory:81\r\nmaxmemory:100\r\ntotal_system_memory:1000\r\n', true],
  ['used_memory:79\r\nmaxmemory:100\r\ntotal_system_memory:1000\r\n', false],
  ['used_memory:801\r\nmaxmemory:0\r\ntotal_system_memory:1000\r\n', true],
  ['used_memory:799\r\nmaxmemory:0\r\ntotal_system_memory:1000\r\n', false],
  ['', false],
])('reads %j as nearly full: %j', (report, expected) => {
  expect(isNearlyFull(report)).toBe(expected);
});
