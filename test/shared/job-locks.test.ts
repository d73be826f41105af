import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { queueKey } from '../../shared/queue.ts';
import { createJobLocks } from '../../shared/job-locks.ts';
import { createKeys } from '../../shared/keys.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, prefix, fill, makeRoom } = await startOwnRedis();
const keys = createKeys(prefix);
const locks = createJobLocks(redis, keys);
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

describe('jobs that nobody holds any more', () => {
  const queue = (name: string): string => queueKey(prefix, name);
  const stallsOf = (job: string): Promise<string | null> => redis.hget(queue(job), 'stc');
  /** The next look is not too soon. */
  const look = async (): Promise<string[]> => {
    await redis.del(queue('stalled-check'));
    return locks.putBack(60_000);
  };
  const giveSign = async (): Promise<void> => {
    const [seconds = 0] = await redis.time();
    await redis.zadd(keys.workers, seconds * 1000, 'worker');
  };

  // A Redis that has just started was away.
  beforeAll(async () => {
    const uptime = async (): Promise<number> =>
      Number(/uptime_in_seconds:(\d+)/.exec(await redis.info('server'))?.[1]);
    await waitFor(async () => (await uptime()) >= 5, { timeoutMs: 10_000, intervalMs: 100 });
  }, 15_000);
  beforeEach(async () => {
    await redis.flushdb();
    await redis.rpush(queue('active'), 'held', 'lost');
    await redis.set(lockOf('held'), 'token');
    await giveSign();
  });

  test('are put back in line at the second look, as stalled', async () => {
    expect(await look()).toEqual([]);
    expect(await redis.lrange(queue('wait'), 0, -1)).toEqual([]);
    expect(await look()).toEqual(['lost']);
    expect(await redis.lrange(queue('wait'), 0, -1)).toEqual(['lost']);
    expect(await redis.lrange(queue('active'), 0, -1)).toEqual(['held']);
    expect(await redis.zscore(queue('marker'), '0')).toBe('0');
    expect([await stallsOf('lost'), await stallsOf('held')]).toEqual(['1', null]);
    expect(await look()).toEqual([]);
  });

  test('are looked for by one worker, not by all', async () => {
    await look();
    expect(await locks.putBack(60_000)).toEqual([]);
    expect(await redis.pttl(queue('stalled-check'))).toBeGreaterThan(50_000);
    expect(await look()).toEqual(['lost']);
  });

  test('one that was let go in between is nobody’s loss', async () => {
    await look();
    await redis.lrem(queue('active'), 1, 'lost');
    expect(await look()).toEqual([]);
  });

  test('are put back on a full Redis', async () => {
    await look();
    await fill();
    expect(await look()).toEqual(['lost']);
    await makeRoom();
  });

  test.each([
    ['while there is a truce', () => redis.set(keys.truce, '1')],
    ['where no worker could give a sign', () => redis.zincrby(keys.workers, -10_000, 'worker')],
  ])('are not stalled, but put back, %s', async (_, begin) => {
    await look();
    await begin();
    expect(await look()).toEqual(['lost']);
    expect(await stallsOf('lost')).toBeNull();
    expect(await redis.exists(keys.truce)).toBe(1);
  });
});
