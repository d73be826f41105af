import { describe, expect, test } from '@jest/globals';
import { isRedisOutage } from '../../shared/redis-outage.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { testRedis } from '../support/redis.ts';

const { redis, url, prefix } = testRedis();

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('an outage', () => {
  test('is a connection that cannot be had', async () => {
    const absent = connectRedis('redis://127.0.0.1:1', 'api');
    expect(isRedisOutage(await errorOf(absent.get('x')))).toBe(true);
    absent.disconnect();
  });

  test('is a connection that was closed', async () => {
    const closed = connectRedis(url, 'store');
    await closeRedis(closed);
    expect(isRedisOutage(await errorOf(closed.get('x')))).toBe(true);
  });

  test.each([
    'OOM command not allowed',
    'LOADING Redis is loading',
    'READONLY You',
    'BUSY script',
    'MISCONF Errors',
  ])('is the reply %s', (message) => {
    expect(isRedisOutage(Object.assign(new Error(message), { name: 'ReplyError' }))).toBe(true);
  });
});

describe('no outage', () => {
  test('is a command used wrongly', async () => {
    await redis.set(`${prefix}:text`, 'x');
    expect(isRedisOutage(await errorOf(redis.hgetall(`${prefix}:text`)))).toBe(false);
    expect(isRedisOutage(await errorOf(redis.eval('return redis.call("NONSENSE")', 0)))).toBe(false);
  });

  test('is a file that is not there, a bug, or no error at all', () => {
    const missing = Object.assign(new Error('no such file'), { code: 'ENOENT', syscall: 'open' });
    for (const each of [missing, new TypeError('x'), 'text', undefined]) {
      expect(isRedisOutage(each)).toBe(false);
    }
  });
});
