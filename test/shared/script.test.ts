import { expect, test } from '@jest/globals';
import { defineScript, redisNow, runScript } from '../../shared/script.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();

test('runs a script the server has never seen, and again by its digest', async () => {
  const script = defineScript(`return {KEYS[1], ARGV[1] + 1, '${prefix}'}`);
  expect(await redis.script('EXISTS', script.sha1)).toEqual([0]);
  expect(await runScript(redis, script, ['k'], [1])).toEqual(['k', 2, prefix]);
  expect(await redis.script('EXISTS', script.sha1)).toEqual([1]);
  expect(await runScript(redis, script, ['k'], [2])).toEqual(['k', 3, prefix]);
});

test('a fault in a script is the error of the call', async () => {
  await expect(runScript(redis, defineScript("return redis.call('NOSUCH')"), [], [])).rejects.toThrow(
    /unknown/i,
  );
});

test('passes bytes unharmed', async () => {
  const bytes = Buffer.from([0, 255, 128, 10, 13]);
  await runScript(
    redis,
    defineScript("return redis.call('SET', KEYS[1], ARGV[1])"),
    [`${prefix}:bytes`],
    [bytes],
  );
  expect(await redis.getBuffer(`${prefix}:bytes`)).toEqual(bytes);
});

test('reads the clock of Redis in ms', async () => {
  expect(Math.abs((await redisNow(redis)) - Date.now())).toBeLessThan(60_000);
});
