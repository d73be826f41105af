import { expect, test } from '@jest/globals';
import { queueKey } from '../../shared/queue.ts';
import { createJobLocks } from '../../shared/job-locks.ts';
import { startOwnRedis } from '../support/own-redis.ts';

const { redis, prefix, fill, makeRoom } = await startOwnRedis();
const locks = createJobLocks(redis, { queuePrefix: prefix });
const lockOf = (job: string): string => queueKey(prefix, `${job}:lock`);
const stalled = queueKey(prefix, 'stalled');

test('renews those that are held, and names those that are not', async () => {
  await redis.set(lockOf('mine'), 'token', 'PX', 5000);
  await redis.set(lockOf('theirs'), 'another', 'PX', 5000);
  await redis.sadd(stalled, 'mine', 'theirs');
  const held = ['mine', 'theirs', 'gone'].map((job) => [job, 'token'] as const);
  expect(await locks.renew(held, 60_000)).toEqual(['theirs', 'gone']);
  expect(await redis.pttl(lockOf('mine'))).toBeGreaterThan(50_000);
  expect(await redis.pttl(lockOf('theirs'))).toBeLessThanOrEqual(5000);
  expect(await redis.smembers(stalled)).toEqual(['theirs']);
});

test('renews them on a full Redis, so that running work keeps its slices', async () => {
  await redis.set(lockOf('running'), 'token', 'PX', 5000);
  await fill();
  expect(await locks.renew([['running', 'token']], 60_000)).toEqual([]);
  expect(await redis.pttl(lockOf('running'))).toBeGreaterThan(50_000);
  await makeRoom();
});
