import { afterEach, expect, jest, test } from '@jest/globals';
import { followClock, type Clock } from '../../shared/clock.ts';
import { closeRedis, connectRedis, untilReady, type Redis } from '../../shared/redis.ts';
import { redisNow } from '../../shared/script.ts';
import { startFakeRedis } from '../support/fake-redis.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis } = testRedis();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const close of closers.splice(0).toReversed()) await close();
});

const follow = async (of: Redis, options: Parameters<typeof followClock>[1] = {}): Promise<Clock> => {
  const clock = await followClock(of, options);
  closers.push(async () => clock.stop());
  return clock;
};

type FakeClock = {
  /** How far it is ahead of the monotonic clock here. */
  aheadMs: number;
  /** What a reading takes on the way back. */
  takesMs: number;
  readings: number;
  isMute: boolean;
};

/** A Redis with such a clock, and one that follows it on a monotonic clock that goes on where it is told to. */
const setup = async (): Promise<{
  fake: FakeClock;
  pass: (ms: number) => void;
  aheadMs: () => number;
  stop: () => void;
}> => {
  const local = { ms: 5000 };
  const fake: FakeClock = { aheadMs: 1_700_000_000_000, takesMs: 0, readings: 0, isMute: false };
  const tell = (): string => {
    fake.readings += 1;
    if (fake.isMute) return '-ERR not now\r\n';
    const at = local.ms + fake.aheadMs;
    local.ms += fake.takesMs;
    const parts = [Math.floor(at / 1000), (at % 1000) * 1000].map(String);
    return `*2\r\n${parts.map((part) => `$${part.length}\r\n${part}\r\n`).join('')}`;
  };
  const server = await startFakeRedis({ text: 'redis_version:7.0.0\r\n' }, { time: tell });
  const connection = connectRedis(server.url, 'store');
  closers.push(
    () => server.close(),
    () => closeRedis(connection),
  );
  await untilReady(connection);
  const clock = await follow(connection, { everyMs: 1, monotonic: () => local.ms });
  const pass = (ms: number): void => {
    local.ms += ms;
  };
  return { fake, pass, aheadMs: () => clock.now() - local.ms, stop: () => clock.stop() };
};

test.each([
  ['is an hour ahead', 3_600_000],
  ['is an hour behind', -3_600_000],
])('tells the time of Redis, where the wall clock of this machine %s', async (_, offMs) => {
  const rightly = Date.now;
  jest.spyOn(Date, 'now').mockImplementation(() => rightly() + offMs);
  const clock = await follow(redis);
  const before = await redisNow(redis);
  const told = clock.now();
  // A reading that was held up may be off by half of what it took.
  expect(Math.abs(told - before)).toBeLessThan(5000);
  expect(Number.isInteger(told)).toBe(true);
});

test('goes on between two readings, and through those that fail', async () => {
  const { fake, pass, aheadMs } = await setup();
  fake.isMute = true;
  const { readings } = fake;
  await waitFor(() => fake.readings > readings + 1);
  pass(700);
  expect(aheadMs()).toBe(fake.aheadMs);
});

test('follows the clock of Redis where that jumps, to either side', async () => {
  const { fake, aheadMs } = await setup();
  for (const jumpMs of [3_600_000, -7_200_000]) {
    fake.aheadMs += jumpMs;
    await waitFor(() => aheadMs() === fake.aheadMs);
  }
});

test('is not put off by readings that take long', async () => {
  const { fake, aheadMs } = await setup();
  fake.takesMs = 400;
  const { readings } = fake;
  await waitFor(() => fake.readings > readings + 3);
  expect(aheadMs()).toBe(fake.aheadMs);
});

test('reads no more once it is stopped', async () => {
  const { fake, stop } = await setup();
  await waitFor(() => fake.readings > 2);
  stop();
  const { readings } = fake;
  await new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
  // One may have been under way.
  expect(fake.readings).toBeLessThanOrEqual(readings + 1);
});
