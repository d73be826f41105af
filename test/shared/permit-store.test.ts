import { afterAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createKeys } from '../../shared/keys.ts';
import { createPermitStore, type PermitAsk, type PermitGrant } from '../../shared/permit-store.ts';
import { closeRedis, type Redis } from '../../shared/redis.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, prefix } = testRedis();
const keys = createKeys(prefix);
const store = createPermitStore(redis, keys);
let hosts = 0;
const newHost = (): string => `http://host-${(hosts += 1)}.test`;

const quiet = { successes: 0, overloads: 0, meanMs: 0, leastMs: 0 };
const askFor = (name: string, fields: Partial<PermitAsk> = {}): PermitAsk => ({
  name,
  wanted: 10,
  kept: 0,
  limits: { concurrency: 8, start: 8, intervalMs: 0 },
  starts: 0,
  report: quiet,
  ...fields,
});
const ask = async (worker: string, name: string, fields?: Partial<PermitAsk>): Promise<PermitGrant> => {
  const [grant] = await store.ask(worker, [askFor(name, fields)]);
  if (grant === undefined) throw new Error('no answer');
  return grant;
};

/** Workers that live: each listens to its channel. */
const listeners: Redis[] = [];
const live = async (...workers: string[]): Promise<void> => {
  for (const worker of workers) {
    const listener = redis.duplicate();
    listeners.push(listener);
    await listener.subscribe(keys.worker(worker));
  }
};
afterAll(() => Promise.all(listeners.map(closeRedis)));
await live('a', 'b', 'c');

/** As if the last word of a worker were so many ms old. */
const age = async (name: string, worker: string, ms: number): Promise<void> => {
  const [granted, wanted, seen] = ((await redis.hget(keys.host(name), `w:${worker}`)) ?? '').split(' ');
  await redis.hset(keys.host(name), `w:${worker}`, `${granted} ${wanted} ${Number(seen) - ms}`);
};

test('gives a worker what it wants, up to the limit, and another what is left', async () => {
  const host = newHost();
  expect(await ask('a', host, { wanted: 5 })).toMatchObject({ may: 5, counted: 5, limit: 8, isShort: false });
  expect(await ask('b', host, { wanted: 10 })).toMatchObject({ may: 3, counted: 3, isShort: true });
});

test('takes from one who has more than its part only what is not in flight', async () => {
  const host = newHost();
  await ask('a', host);
  expect(await ask('b', host)).toMatchObject({ may: 0 });
  expect(await ask('a', host, { kept: 8 })).toMatchObject({ may: 4, counted: 8 });
  expect(await ask('a', host, { kept: 6 })).toMatchObject({ may: 4, counted: 6 });
  expect(await ask('b', host)).toMatchObject({ may: 2 });
});

test('workers take turns where there are fewer permits than workers', async () => {
  const host = newHost();
  const limits = { concurrency: 1, start: 1, intervalMs: 0 };
  const had = new Set<string>();
  await waitFor(async () => {
    for (const worker of ['a', 'b', 'c']) {
      const { may } = await ask(worker, host, { limits });
      if (may === 1) had.add(worker);
    }
    return had.size === 3;
  });
});

test('the permits of a worker that was killed come back after a second, of one that is silent after ten', async () => {
  const host = newHost();
  await ask('dead', host);
  expect(await ask('b', host)).toMatchObject({ may: 0 });
  await age(host, 'dead', 1100);
  expect(await ask('b', host)).toMatchObject({ may: 8 });

  const other = newHost();
  await ask('a', other);
  await age(other, 'a', 9900);
  expect(await ask('b', other)).toMatchObject({ may: 0 });
  await age(other, 'a', 200);
  expect(await ask('b', other)).toMatchObject({ may: 8 });
});

test('asking twice is the same as once: the client sends again what was not answered', async () => {
  const host = newHost();
  await ask('a', host, { wanted: 3 });
  expect(await ask('a', host, { wanted: 3 })).toMatchObject({ may: 3 });
  expect(await ask('b', host)).toMatchObject({ may: 5 });
});

test('nothing is kept of a host that nobody asks any more', async () => {
  const host = newHost();
  await ask('a', host);
  await ask('a', host, { wanted: 0 });
  expect(await redis.exists(keys.host(host))).toBe(0);
  expect(await redis.zscore(keys.hosts, host)).toBeNull();
});

test('whatever workers ask, all together never have more than the limit', async () => {
  const step = fc.record({
    worker: fc.constantFrom('a', 'b', 'c'),
    wanted: fc.integer({ min: 0, max: 20 }),
    started: fc.integer({ min: 0, max: 20 }),
    ended: fc.integer({ min: 0, max: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      async (steps, limit) => {
        const host = newHost();
        const inFlight: Record<string, number> = { a: 0, b: 0, c: 0 };
        for (const { worker, wanted, started, ended } of steps) {
          const running = Math.max(0, (inFlight[worker] ?? 0) - ended);
          const limits = { concurrency: limit, start: limit, intervalMs: 0 };
          const { may } = await ask(worker, host, {
            wanted: Math.max(wanted, running),
            kept: running,
            limits,
          });
          inFlight[worker] = Math.max(running, Math.min(may, running + started));
          expect(Object.values(inFlight).reduce((sum, n) => sum + n)).toBeLessThanOrEqual(limit);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('a rate is handed out as times, evenly, and a little ahead', async () => {
  const host = newHost();
  const rate = { starts: 50, limits: { concurrency: 8, start: 8, intervalMs: 20 } };
  const first = await ask('a', host, rate);
  expect(first.starts).toBe(16);
  expect(first.firstStartMs).toBeLessThanOrEqual(1);
  const second = await ask('b', host, rate);
  expect(second.starts).toBeLessThanOrEqual(2);
  expect(second.firstStartMs).toBeGreaterThan(200);
});

test('a start long ahead is not forgotten before its time', async () => {
  const host = newHost();
  const rate = { starts: 1, limits: { concurrency: 8, start: 8, intervalMs: 86_400_000 } };
  expect(await ask('a', host, rate)).toMatchObject({ starts: 1 });
  await ask('a', host, { ...rate, wanted: 0, starts: 0 });
  expect(await redis.pttl(keys.host(host))).toBeGreaterThan(86_300_000);
});

describe('a host that asked for a wait', () => {
  test('is blocked for every worker, and a shorter wait does not shorten it', async () => {
    const host = newHost();
    await store.block(host, 5000, 'it said so');
    await store.block(host, 100, 'it said so');
    const { blockedMs } = await ask('a', host);
    expect(blockedMs).toBeGreaterThan(4000);
    expect(blockedMs).toBeLessThanOrEqual(5000);
  });

  test('is not forgotten before the wait is over, though nobody asks meanwhile', async () => {
    const host = newHost();
    await store.block(host, 3_600_000, 'it said so');
    await ask('a', host);
    await ask('a', host, { wanted: 0 });
    expect(await redis.pttl(keys.host(host))).toBeGreaterThan(3_500_000);
  });

  test('is told of to all at once', async () => {
    const host = newHost();
    const heard: string[] = [];
    const subscriber = redis.duplicate();
    listeners.push(subscriber);
    subscriber.on('message', (_channel, text: string) => heard.push(text));
    await subscriber.subscribe(keys.hostEvents);
    await store.block(host, 3000, 'it said so');
    await ask('a', host);
    await ask('b', host);
    await ask('a', host, { wanted: 1 });
    await waitFor(() => heard.length === 3);
    expect(heard).toEqual([`blocked 3000 ${host}`, `wanted ${host}`, `freed ${host}`]);
  });
});

describe('what is seen of a host', () => {
  const overloaded = { ...quiet, overloads: 3, lastFailure: 'timed_out' as const };

  test('is gathered from all workers until it is time to judge', async () => {
    const host = newHost();
    const report = { successes: 30, overloads: 0, meanMs: 20, leastMs: 15 };
    expect((await ask('a', host, { report })).window).toBeUndefined();
    expect((await ask('b', host, { report: { ...report, meanMs: 40 } })).window).toBeUndefined();
    const { window } = await ask('a', host, { report: overloaded });
    expect(window).toMatchObject({ successes: 60, overloads: 3, meanMs: 30, leastMs: 15, state: '' });
    expect((await ask('a', host)).window).toBeUndefined();
  });

  test('is not judged again before outcomes speak of what was decided', async () => {
    const host = newHost();
    await ask('a', host);
    await store.adapt(host, { limit: 5, state: '{"x":1}', settleMs: 60_000 });
    expect(await ask('a', host, { report: overloaded })).toMatchObject({
      limit: 5,
      lastFailure: 'timed_out',
    });
    expect((await ask('a', host, { report: overloaded })).window).toBeUndefined();
  });

  test('an open breaker lets nothing through, then one probe over all workers', async () => {
    const host = newHost();
    await ask('a', host, { wanted: 1 });
    await store.adapt(host, { limit: 8, state: '{}', openMs: 60_000, settleMs: 0 });
    expect(await ask('a', host)).toMatchObject({ may: 0, breaker: 'open' });
    await store.adapt(host, { limit: 8, state: '{}', openMs: 0, settleMs: 0 });
    const grants = [await ask('a', host), await ask('b', host)];
    expect(grants.map(({ breaker }) => breaker)).toEqual(['halfOpen', 'halfOpen']);
    expect(grants.reduce((sum, { may }) => sum + may, 0)).toBe(1);
    await store.adapt(host, { limit: 8, state: '{}', settleMs: 0 });
    expect(await ask('a', host)).toMatchObject({ breaker: 'closed', limit: 8 });
  });

  test('is not kept of a host that nobody asks', async () => {
    const host = newHost();
    await store.adapt(host, { limit: 5, state: '{}', settleMs: 0 });
    expect(await redis.exists(keys.host(host))).toBe(0);
  });
});

test('parked slices are counted, and called back in their order', async () => {
  const host = newHost();
  await store.park(host, 'late', 30);
  await store.park(host, 'early', 10);
  await store.park(host, 'early', 10);
  expect(await ask('a', host)).toMatchObject({ parked: 2 });
  expect(await store.unpark(host)).toBe('early');
  expect(await store.unpark(host)).toBe('late');
  expect(await store.unpark(host)).toBeUndefined();
});

test('parked slices that nobody calls back are forgotten', async () => {
  const host = newHost();
  await store.park(host, 'slice', 10);
  const seconds = await redis.ttl(keys.parked(host));
  expect(seconds).toBeGreaterThan(500);
});

test('asks for any number of hosts at once', async () => {
  const names = Array.from({ length: 250 }, newHost);
  const grants = await store.ask(
    'a',
    names.map((name, i) => askFor(name, { wanted: 1 + (i % 5) })),
  );
  expect(grants.map(({ may }) => may)).toEqual(names.map((_, i) => 1 + (i % 5)));
});
