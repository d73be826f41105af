import { afterEach, expect, test } from '@jest/globals';
import { startStepLine, type StepLine } from '../../chaos/step-line.ts';
import type { Failpoint } from '../../chaos/step.ts';
import { loadStepNames } from '../../chaos/step-names.ts';
import { closeRedis, connectRedis, untilReady, type Redis } from '../../shared/redis.ts';
import { defineScript, runScript } from '../../shared/script.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { waitFor } from '../support/wait-for.ts';

const own = await startOwnRedis();
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const connected = async (url: string): Promise<Redis> => {
  const client = connectRedis(url, 'store');
  closers.push(() => client.disconnect());
  await untilReady(client, 10_000);
  return client;
};

/** A process that takes its steps on a line, as far as it matters here: a client that hears no more once it was struck. */
const onLine = async (): Promise<{ line: StepLine; near: Redis; direct: Redis }> => {
  const line = await startStepLine(own.socketPath, await loadStepNames());
  closers.push(() => line.stop());
  const direct = await connected(own.url);
  await direct.flushall();
  return { line, near: await connected(line.url), direct };
};

/** Resolves, with all the places, when the failpoint is come to; the client then is as good as dead. */
const struckAt = (line: StepLine, near: Redis, failpoint: Failpoint): Promise<readonly Failpoint[]> =>
  new Promise((resolve) => {
    const isThere = ({ step, when }: Failpoint): boolean =>
      step === failpoint.step && when === failpoint.when;
    line.arm(
      (places) => places.some(isThere),
      (places) => {
        near.disconnect();
        resolve(places);
      },
    );
  });

test('passes on what is said at either end', async () => {
  const { near, direct } = await onLine();
  const large = 'x'.repeat(3_000_000);
  await near.set('large', large);
  expect((await near.get('large')) === large).toBe(true);
  const pipeline = near.pipeline();
  for (let i = 0; i < 100; i += 1) pipeline.incr('counter');
  await pipeline.exec();
  expect(await direct.get('counter')).toBe('100');
});

test('passes on what a subscriber is sent', async () => {
  const { near, direct } = await onLine();
  const heard: string[] = [];
  await near.subscribe('news', 'weather');
  near.on('message', (_, text: string) => heard.push(text));
  await direct.publish('weather', 'rain');
  await waitFor(() => heard.includes('rain'));
});

const batch = 'bat_01a2014c-46b5-7dd6-bf7e-a834eb1076dd';

test('strikes before a step: it and what comes after never reach Redis', async () => {
  const { line, near, direct } = await onLine();
  const struck = struckAt(line, near, { step: 'set', when: 'before' });
  void (async () => {
    await near.incr('counter');
    await Promise.all([near.set('last', '1'), near.incr('counter'), near.lpush(batch, '1')]);
  })().catch(() => {});
  // Commands on one connection are about nothing in particular, or about a batch: each of those dies somewhere.
  expect(await struck).toEqual([
    { step: 'set', when: 'before' },
    { step: 'lpush', when: 'before' },
  ]);
  expect(await direct.mget('counter', 'last')).toEqual(['1', null]);
});

test('strikes after a step: it was executed, and its answer is not delivered', async () => {
  const { line, near, direct } = await onLine();
  const answers: number[] = [];
  const incr = async (): Promise<void> => void answers.push(await near.incr('counter'));
  await incr();
  const struck = struckAt(line, near, { step: 'incr', when: 'after' });
  incr().catch(() => {});
  expect(await struck).toEqual([{ step: 'incr', when: 'after' }]);
  expect(await direct.get('counter')).toBe('2');
  expect(answers).toEqual([1]);
});

test('knows the steps of a script by its name, also where the server has not seen it yet', async () => {
  const { line, near } = await onLine();
  const script = defineScript('--[[ Greets whoever comes here first ]]\nreturn 1');
  const failpoint: Failpoint = { step: 'slices: greets whoever comes here first', when: 'before' };
  const struck = struckAt(line, near, failpoint);
  runScript(near, script, ['ff:slices:wait'], []).catch(() => {});
  expect(await struck).toEqual([failpoint]);
});

test('who comes in its place is served, and disarmed it strikes nobody', async () => {
  const { line, near, direct } = await onLine();
  const struck = struckAt(line, near, { step: 'incr', when: 'after' });
  near.incr('counter').catch(() => {});
  await struck;
  const next = await connected(line.url);
  expect(await next.incr('counter')).toBe(2);
  const die = (): void => {
    throw new Error('nobody was to die');
  };
  line.arm(() => true, die);
  line.disarm();
  expect(await next.incr('counter')).toBe(3);
  await closeRedis(next);
  expect(await direct.get('counter')).toBe('3');
});
