import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createHostLimitStore } from '../../shared/host-limit-store.ts';
import { createHostStore, sweepHosts } from '../../shared/host-store.ts';
import { createKeys, type Keys } from '../../shared/keys.ts';
import { createPermitStore } from '../../shared/permit-store.ts';
import { closeRedis } from '../../shared/redis.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const keys = createKeys(prefix);
const permits = createPermitStore(redis, keys);
const limits = createHostLimitStore(redis, keys);
const store = createHostStore(redis, keys, limits);

const ask = async (worker: string, name: string, wanted: number): Promise<void> => {
  const report = { successes: 0, overloads: 0, meanMs: 0, leastMs: 0 };
  const ofHost = { concurrency: 8, start: 8, intervalMs: 0 };
  await permits.ask(worker, [{ name, wanted, kept: 0, limits: ofHost, starts: 0, report }]);
};

test('tells what workers have of a host, what waits for it, and its limits', async () => {
  const host = 'http://busy.test';
  await ask('one', host, 6);
  await ask('two', host, 6);
  await permits.park(host, 'slice', 1);
  await limits.set(host, { concurrency: 9 });
  expect(await store.get(host)).toMatchObject({
    inFlight: 8,
    waiting: 4,
    parkedSlices: 1,
    limits: { concurrency: 9 },
    breaker: 'closed',
  });
});

test('what a killed worker held is not in flight; one that listens may be slow to say more', async () => {
  const host = 'http://deserted.test';
  const listener = redis.duplicate();
  await listener.subscribe(keys.worker('slow'));
  await ask('killed', host, 4);
  await ask('slow', host, 3);
  for (const worker of ['killed', 'slow']) {
    const [held, wanted, seen] = ((await redis.hget(keys.host(host), `w:${worker}`)) ?? '').split(' ');
    await redis.hset(keys.host(host), `w:${worker}`, `${held} ${wanted} ${Number(seen) - 2000}`);
  }
  expect((await store.get(host)).inFlight).toBe(3);
  await closeRedis(listener);
});

test('tells of a decision, an open breaker and a wait', async () => {
  const host = 'http://tired.test';
  await ask('one', host, 1);
  await permits.adapt(host, { limit: 5, state: '{"why":"it fails"}', openMs: 60_000, settleMs: 0 });
  await permits.block(host, 60_000, 'it said so');
  const record = await store.get(host);
  expect(record).toMatchObject({
    limit: 5,
    slowedWhy: 'it fails',
    breaker: 'open',
    blockedWhy: 'it said so',
  });
  expect(record.blockedUntil).toBeGreaterThan(Date.now() + 30_000);
});

/** Hosts of its own for a test that sees all of them. */
let folders = 0;
const otherKeys = (): Keys => createKeys(`${prefix}-${(folders += 1)}`);

test('walks over all hosts by name, each once, those known and those with limits', async () => {
  const name = fc
    .constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
    .map((letter) => `http://${letter}.test`);
  const someHosts = fc.uniqueArray(name);
  await fc.assert(
    fc.asyncProperty(someHosts, someHosts, fc.integer({ min: 1, max: 4 }), async (known, set, limit) => {
      const own = otherKeys();
      const ownLimits = createHostLimitStore(redis, own);
      for (const host of known) await createPermitStore(redis, own).block(host, 60_000, '');
      for (const host of set) await ownLimits.set(host, { concurrency: 1 });
      const ownStore = createHostStore(redis, own, ownLimits);
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await ownStore.list({ limit, after });
        expect(page.hosts.length).toBeLessThanOrEqual(limit);
        seen.push(...page.hosts.map(({ host }) => host));
        after = page.next;
      } while (after !== undefined);
      expect(seen).toEqual([...new Set([...known, ...set])].toSorted());
    }),
    { numRuns: 25 },
  );
});

test('a host whose state has expired is taken off the list, without ending the page', async () => {
  const own = otherKeys();
  const names = ['a', 'b', 'c', 'd', 'e'].map((letter) => `http://${letter}.test`);
  const ownPermits = createPermitStore(redis, own);
  for (const host of names) await ownPermits.block(host, 60_000, '');
  await redis.del(...names.slice(0, 4).map((host) => own.host(host)));
  const ownStore = createHostStore(redis, own, createHostLimitStore(redis, own));
  const { hosts, next } = await ownStore.list({ limit: 1 });
  expect([hosts.map(({ host }) => host), next]).toEqual([['http://e.test'], undefined]);
  expect(await redis.zrange(own.hosts, '0', '-1')).toEqual(['http://e.test']);
});

test('a sweep takes all hosts off the list whose state has expired, however many', async () => {
  const own = otherKeys();
  const names = Array.from({ length: 600 }, (_, i) => `http://host-${i}.test`);
  await redis.zadd(own.hosts, ...names.flatMap((name) => [0, name]));
  const kept = ['http://host-7.test', 'http://host-599.test'];
  for (const host of kept) await createPermitStore(redis, own).block(host, 60_000, '');
  expect(await sweepHosts(redis, own)).toBe(598);
  expect((await redis.zrange(own.hosts, '0', '-1')).toSorted()).toEqual(kept.toSorted());
});
