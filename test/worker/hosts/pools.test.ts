import { afterEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createKeys } from '../../../shared/keys.ts';
import { createPermitStore, type PermitStore } from '../../../shared/permit-store.ts';
import { createOpenPools, createPools, type HostRules, type Pools } from '../../../worker/hosts/pools.ts';
import type { Pool } from '../../../worker/hosts/pool.ts';
import { testRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait-for.ts';

const { redis, prefix } = testRedis();
const keys = createKeys(prefix);
const store = createPermitStore(redis, keys);
const opened: Pools[] = [];
afterEach(async () => {
  for (const pools of opened.splice(0)) await pools.close();
});

const rules: HostRules = { concurrency: 8, start: 8, intervalMs: 0, explores: true };

const setup = (worker: string, { limitsOf = () => rules, through = store } = {}): Pools => {
  const logger = pino({ level: 'silent' });
  const now = (): number => performance.now();
  const pools = createPools({ store: through, worker, concurrency: 100, limitsOf, now, logger });
  opened.push(pools);
  return pools;
};

const only = (pools: readonly Pool[]): Pool => {
  const [pool] = pools;
  if (pool === undefined) throw new Error('no pool');
  return pool;
};

test('asks for many hosts in one call', async () => {
  let calls = 0;
  const counting: PermitStore = {
    ...store,
    ask: (...asked) => {
      calls += 1;
      return store.ask(...asked);
    },
  };
  const pools = setup('many', { through: counting });
  const some = Array.from({ length: 50 }, (_, i) => only(pools.of(`http://many-${i}.test`, 'bat')));
  for (const pool of some) {
    pool.waiting = 3;
    pools.want(pool);
  }
  await waitFor(() => some.every(({ may }) => may === 3));
  expect(calls).toBe(1);
});

test('a host has one pool for all batches, and one more for a batch with limits of its own', () => {
  const pools = setup('own');
  const [shared, own] = pools.of('http://own.test', 'bat_1', { concurrency: 2 });
  expect(pools.of('http://own.test', 'bat_2')).toEqual([shared]);
  expect(own).toMatchObject({ name: 'http://own.test#bat_1', limits: { concurrency: 2, start: 2 } });
});

test('gives the permits of a host back that it no longer asks, and forgets it', async () => {
  const pools = setup('leaving');
  const pool = only(pools.of('http://left.test', 'bat'));
  pool.waiting = 1;
  pools.want(pool);
  await waitFor(() => pool.may === 1);
  pool.waiting = 0;
  pools.tick();
  await waitFor(() => pools.get('http://left.test') === undefined);
  expect(await redis.exists(keys.host('http://left.test'))).toBe(0);
});

test('two workers come to share what one had alone, by telling each other', async () => {
  const [first, second] = [setup('first'), setup('second')];
  const subscriber = redis.duplicate();
  subscriber.on('message', (_channel, text: string) => {
    const [is, host = ''] = text.split(' ');
    for (const pools of [first, second]) pools.hear({ is: is as 'freed', host });
  });
  await subscriber.subscribe(keys.hostEvents, keys.worker('first'), keys.worker('second'));
  const [mine, yours] = [first, second].map((pools) => only(pools.of('http://shared.test', 'bat')));
  if (mine === undefined || yours === undefined) throw new Error('no pools');
  mine.waiting = yours.waiting = 50;
  first.want(mine);
  await waitFor(() => mine.may === 8);
  second.want(yours);
  await waitFor(() => mine.may === 4 && yours.may === 4);
  subscriber.disconnect();
});

test('nothing starts where Redis does not answer, and it is asked again', async () => {
  let isDown = true;
  const failing: PermitStore = {
    ...store,
    ask: (...asked) => (isDown ? Promise.reject(new Error('away')) : store.ask(...asked)),
  };
  const pools = setup('without', { through: failing });
  const pool = only(pools.of('http://without.test', 'bat'));
  pool.waiting = 1;
  pools.want(pool);
  await waitFor(() => !pool.isAsking);
  expect(pool.canStart(performance.now())).toBe(false);
  isDown = false;
  pools.tick();
  await waitFor(() => pool.canStart(performance.now()));
});

test('a wait that another worker heard of holds here at once', () => {
  const pools = setup('blocked');
  const pool = only(pools.of('http://blocked.test', 'bat'));
  const heard: Pool[] = [];
  pools.onHeard = (some) => heard.push(...some);
  pools.hear({ is: 'blocked', host: 'http://blocked.test', ms: 3000 });
  expect(pool.blockedUntil).toBeGreaterThan(performance.now() + 2000);
  expect(heard).toEqual([pool]);
});

test('a new limit of an operator holds for hosts already asked', async () => {
  let set = rules;
  const pools = setup('obeying', { limitsOf: () => set });
  const pool = only(pools.of('http://obeying.test', 'bat'));
  pool.waiting = 50;
  pools.want(pool);
  await waitFor(() => pool.may === 8);
  set = { ...rules, concurrency: 3 };
  pools.hear({ is: 'rules' });
  await waitFor(() => pool.may === 3);
});

test('a host that fails gets less, by the word of whoever sees it', async () => {
  const pools = setup('judging');
  const pool = only(pools.of('http://failing.test', 'bat'));
  pool.waiting = 50;
  for (let i = 0; i < 5; i += 1) pool.overloaded('timed_out');
  pools.want(pool);
  await waitFor(async () => (await redis.hget(keys.host('http://failing.test'), 'limit')) === '5');
});

test('without limits no host has a pool', () => {
  expect(createOpenPools().of('http://a.test', 'bat', { concurrency: 1 })).toEqual([]);
});
