import { afterEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createHostLimitStore } from '../../../shared/host-limit-store.ts';
import { createKeys } from '../../../shared/keys.ts';
import { closeRedis } from '../../../shared/redis.ts';
import { createPoliteness, type Politeness } from '../../../worker/hosts/politeness.ts';
import { resolved, response } from '../../support/outcomes.ts';
import { acquire } from '../../support/permits.ts';
import { testRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait-for.ts';

const { redis, prefix } = testRedis();
const keys = createKeys(prefix);
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const start = async (worker: string, { areLimited = true } = {}): Promise<Politeness> => {
  const hosts = { areLimited, limits: { concurrency: 2 } };
  const logger = pino({ level: 'silent' });
  const promote = async (): Promise<void> => {};
  const politeness = createPoliteness({
    redis,
    keys,
    logger,
    worker,
    concurrency: 50,
    hosts,
    promote,
  });
  const subscriber = redis.duplicate();
  subscriber.on('message', (_channel, text: string) => politeness.hear(text));
  await subscriber.subscribe(keys.hostEvents, keys.worker(worker));
  await politeness.refresh();
  closers.push(
    () => closeRedis(subscriber),
    async () => {
      politeness.permits.close();
      await politeness.close();
    },
  );
  return politeness;
};

/** Asks for permits and counts those had so far. */
const askMany = ({ permits }: Politeness, count: number, host: string): { had: number } => {
  const counter = { had: 0 };
  for (let i = 0; i < count; i += 1)
    void acquire(permits, { host }).then((ticket) => {
      if (ticket !== undefined) counter.had += 1;
    });
  return counter;
};

test('two workers together have no more in flight at a host than it may get', async () => {
  const host = 'http://limited.test';
  const counters = [askMany(await start('one'), 5, host), askMany(await start('two'), 5, host)];
  await waitFor(() => counters.reduce((sum, { had }) => sum + had, 0) === 2);
  expect(counters.reduce((sum, { had }) => sum + had, 0)).toBe(2);
});

test('a limit that an operator sets is heard of while requests wait', async () => {
  const host = 'http://raised.test';
  const counter = askMany(await start('raised'), 5, host);
  await waitFor(() => counter.had === 2);
  await createHostLimitStore(redis, keys).set(host, { concurrency: 4 });
  await waitFor(() => counter.had === 4);
});

test('a host that asks one worker for a wait gets nothing from another', async () => {
  const host = 'http://tired.test';
  const [asking, other] = [await start('asking'), await start('other')];
  const had = await acquire(other.permits, { host });
  expect(had).toBeDefined();
  asking.observe(host, resolved(), response(503, { headers: ['retry-after', '60'] }));
  await waitFor(async () => (await redis.hexists(keys.host(host), 'until')) === 1);
  expect(await acquire(other.permits, { host })).toBeUndefined();
});

test('switched off, nothing is limited and nothing is heard', async () => {
  const host = 'http://free.test';
  const politeness = await start('off', { areLimited: false });
  politeness.observe(host, resolved(), response(503, { headers: ['retry-after', '60'] }));
  const counter = askMany(politeness, 5, host);
  await waitFor(() => counter.had === 5);
  expect(await redis.exists(keys.host(host))).toBe(0);
});
