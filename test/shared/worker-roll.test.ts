import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { newBatchId } from '../../shared/batch.ts';
import { createKeys, type Keys } from '../../shared/keys.ts';
import { createSliceQueue, queueKey } from '../../shared/queue.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { createJobLocks } from '../../shared/job-locks.ts';
import { createWorkerRoll, type WorkerRoll } from '../../shared/worker-roll.ts';
import { createSliceSource, type HeldSlice, type SliceSource } from '../../worker/slice-source.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, url, prefix } = testRedis();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

// Nobody is taken for dead by a Redis that has just started, as the one of this run may have.
beforeAll(async () => {
  const uptime = async (): Promise<number> =>
    Number(/uptime_in_seconds:(\d+)/.exec(await redis.info('server'))?.[1]);
  await waitFor(async () => (await uptime()) >= 5, { timeoutMs: 10_000, intervalMs: 100 });
}, 15_000);

type Fleet = {
  readonly keys: Keys;
  readonly roll: WorkerRoll;
  /** Resolves with the id of the batch whose slices they are. */
  readonly enqueue: (slices: number) => Promise<string>;
  /** A worker on the roll, whose channel is open until it dies. */
  readonly join: (
    name: string,
  ) => Promise<{ readonly source: SliceSource; readonly die: () => Promise<void> }>;
  /** As if the last sign of a worker had been so long ago. */
  readonly silence: (name: string, ms: number) => Promise<void>;
  readonly inLine: () => Promise<string[]>;
};

const setUp = (): Fleet => {
  const keys = createKeys(`${prefix}-${Math.random().toString(36).slice(2)}`);
  const roll = createWorkerRoll(redis, keys);
  const connection = connectRedis(url, 'queue');
  const queue = createSliceQueue(connection, keys.queuePrefix);
  closers.push(
    () => closeRedis(connection),
    () => queue.close(),
  );
  const join: Fleet['join'] = async (name) => {
    const [subscriber, blocking] = [connectRedis(url, 'queue'), connectRedis(url, 'queue')];
    const logger = pino({ level: 'silent' });
    const source = createSliceSource({
      connection: blocking,
      prefix: keys.queuePrefix,
      jobLocks: createJobLocks(redis, keys),
      name,
      logger,
      now: Date.now,
    });
    closers.push(
      () => closeRedis(blocking),
      () => closeRedis(subscriber),
      () => source.stop(),
    );
    await subscriber.subscribe(keys.worker(name));
    await roll.sign(name);
    await source.start();
    const isHeard = async (): Promise<boolean> => (await redis.pubsub('NUMSUB', keys.worker(name)))[1] !== 0;
    return {
      source,
      async die() {
        subscriber.disconnect();
        await waitFor(async () => !(await isHeard()));
      },
    };
  };
  return {
    keys,
    roll,
    join,
    async enqueue(slices) {
      const id = newBatchId();
      await queue.enqueue(id, slices, { start: 1, spacing: 1, generation: 0 });
      return id;
    },
    async silence(name, ms) {
      await redis.zincrby(keys.workers, -ms, name);
    },
    inLine: () => redis.lrange(queueKey(keys.queuePrefix, 'wait'), 0, -1),
  };
};

const take = (source: SliceSource): Promise<HeldSlice> => waitFor(() => source.next());

test('what a dead worker held can be taken by another at once, once, as stalled', async () => {
  const { roll, join, silence, enqueue, keys } = setUp();
  const [dead, other] = [await join('dead'), await join('other')];
  const id = await enqueue(2);
  const lost = [await take(dead.source), await take(dead.source)];
  await dead.die();
  await silence('dead', 2000);
  expect(await roll.sign('other')).toEqual({ isNew: false, dead: ['dead'] });

  const [first, second] = await Promise.all([roll.takeOver('dead'), roll.takeOver('dead')]);
  expect([...first, ...second].toSorted()).toEqual([`${id}-0`, `${id}-1`]);
  const again = [await take(other.source), await take(other.source)];
  expect(again.map(({ job, stalls }) => [job.slice, job.tag, stalls])).toEqual([
    [0, 1, 1],
    [1, 2, 1],
  ]);
  expect(await other.source.next()).toBeUndefined();
  for (const held of again) await held.done();
  await lost[0]?.done(); // too late, and changes nothing
  expect(await redis.keys(`${keys.queuePrefix}:slices:${id}*`)).toEqual([]);
  expect(await roll.sign('other')).toEqual({ isNew: false, dead: [] });
});

test('a worker that comes back finds that it was taken for dead, and what it has lost', async () => {
  const { roll, join, silence, enqueue } = setUp();
  const [cut, other] = [await join('cut'), await join('other')];
  await enqueue(1);
  const lost = await take(cut.source);
  await cut.die();
  await silence('cut', 2000);
  await roll.takeOver('cut');
  expect(await roll.sign('cut')).toEqual({ isNew: true, dead: [] });
  const held = await take(other.source);
  await cut.source.findLost();
  expect(lost.lost.aborted).toBe(true);
  await held.done();
});

test('leaves alone who still listens, who gave a sign just now, and who holds what another has', async () => {
  const { roll, join, silence, enqueue, inLine } = setUp();
  const [frozen, late, asking] = [await join('frozen'), await join('late'), await join('asking')];
  await enqueue(3);
  const held = [await take(frozen.source), await take(late.source), await take(asking.source)];
  await late.die();
  await silence('frozen', 60_000);
  await roll.sign('late');
  expect((await roll.sign('asking')).dead).toEqual([]);
  for (const name of ['frozen', 'late', 'nobody']) expect(await roll.takeOver(name)).toEqual([]);
  expect(await inLine()).toEqual([]);
  for (const slice of held) await slice.done();
});

test('who could not reach Redis itself takes nobody for dead until all have had time to come back', async () => {
  const { roll, join, silence, keys } = setUp();
  const [gone] = [await join('gone'), await join('first'), await join('second')];
  await gone.die();
  for (const name of ['gone', 'first', 'second']) await silence(name, 2000);
  expect((await roll.sign('first')).dead).toEqual([]);
  expect((await roll.sign('second')).dead).toEqual([]);
  expect(await redis.pttl(keys.truce)).toBeGreaterThan(3000);
  await redis.del(keys.truce);
  expect((await roll.sign('second')).dead).toEqual(['gone']);
});

test('a worker that left is looked for by nobody', async () => {
  const { roll, join, silence, keys } = setUp();
  const leaving = await join('leaving');
  await leaving.die();
  await silence('leaving', 2000);
  await roll.leave('leaving');
  expect((await roll.sign('other')).dead).toEqual([]);
  expect(await redis.zrange(keys.workers, '0', '-1')).toEqual(['other']);
});
