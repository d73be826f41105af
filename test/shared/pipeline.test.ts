import { expect, test } from '@jest/globals';
import { runPipeline } from '../../shared/pipeline.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();

test('gives what each command replied', async () => {
  const pipeline = redis.pipeline().set(`${prefix}a`, '1').get(`${prefix}a`).get(`${prefix}b`);
  expect(await runPipeline(pipeline)).toEqual(['OK', '1', null]);
});

test('throws what Redis said no to, though the others were done', async () => {
  const pipeline = redis.pipeline().set(`${prefix}c`, '1').hget(`${prefix}c`, 'field').set(`${prefix}c`, '2');
  await expect(runPipeline(pipeline)).rejects.toThrow('WRONGTYPE');
  expect(await redis.get(`${prefix}c`)).toBe('2');
});

test('of no command has no reply', async () => {
  expect(await runPipeline(redis.pipeline())).toEqual([]);
});
