import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createRandom } from '../../chaos/random.ts';
import { makeTroubles, type Circumstances, type Trouble } from '../../chaos/troubles.ts';
import { waitFor } from '../support/wait-for.ts';

const { signal } = new AbortController();

/** Work that is done as far as the test says. */
const workBench = (): { done: number; end: () => void; fail: () => void; circumstances: Circumstances } => {
  const ends: { resolve?: () => void; reject?: (error: Error) => void } = {};
  const ended = new Promise<void>((resolve, reject) => Object.assign(ends, { resolve, reject }));
  ended.catch(() => {});
  const state = {
    done: 0,
    end: () => ends.resolve?.(),
    fail: () => ends.reject?.(new Error('the work failed')),
    circumstances: { random: createRandom(7), work: { done: () => state.done, ended }, signal },
  };
  return state;
};

/** A trouble that only notes how far the work was. */
const noting = (name: string, times: number, work: { readonly done: number }): Trouble & { at: number[] } => {
  const at: number[] = [];
  return { name, times, at, make: async () => void at.push(work.done) };
};

test('comes at moments spread over the work, the last tenth of it left in peace', async () => {
  const work = workBench();
  const trouble = noting('kills', 100, work);
  const making = makeTroubles([trouble], work.circumstances);
  for (const done of [0.1, 0.5, 0.9]) {
    work.done = done;
    const due = work.circumstances.random
      .fork('kills')
      .moments(100)
      .filter((moment) => moment * 0.9 <= done).length;
    await waitFor(() => trouble.at.length === due);
  }
  await expect(making).resolves.toBe(100);
  const shares = [0.1, 0.5, 0.9].map((share) => trouble.at.filter((done) => done === share).length);
  expect(Math.min(...shares)).toBeGreaterThan(0);
});

test('comes as the seed says, whatever other troubles there are', async () => {
  const alone = workBench();
  alone.done = 0.4;
  const single = noting('kills', 50, alone);
  const making = makeTroubles([single], alone.circumstances);
  const both = workBench();
  both.done = 0.4;
  const pair = [noting('cuts', 50, both), noting('kills', 50, both)] as const;
  const makingBoth = makeTroubles(pair, both.circumstances);
  const due = createRandom(7)
    .fork('kills')
    .moments(50)
    .filter((moment) => moment * 0.9 <= 0.4).length;
  await waitFor(() => single.at.length === due && pair[1].at.length === due);
  expect(pair[0].at.length).not.toBe(due);
  alone.end();
  both.end();
  await expect(making).resolves.toBe(due);
  await expect(makingBoth).resolves.toBe(pair[0].at.length + due);
});

test.each(['end', 'fail'] as const)('does not begin any more when the work is over: %s', async (how) => {
  const work = workBench();
  const trouble = noting('kills', 100, work);
  const making = makeTroubles([trouble], work.circumstances);
  work[how]();
  await expect(making).resolves.toBe(0);
  expect(trouble.at).toEqual([]);
});

test('does not begin any more when the person has had enough', async () => {
  const work = workBench();
  const person = new AbortController();
  const making = makeTroubles([noting('kills', 100, work)], { ...work.circumstances, signal: person.signal });
  person.abort();
  await expect(making).resolves.toBe(0);
});

test('one that fails stops the others, once they have ended what they began', async () => {
  const work = workBench();
  work.done = 1;
  const repair: { finish?: () => void } = {};
  const steps: string[] = [];
  const slow: Trouble = {
    name: 'slow',
    times: 3,
    async make() {
      steps.push('begun');
      await new Promise<void>((resolve) => Object.assign(repair, { finish: resolve }));
      steps.push('ended');
    },
  };
  const broken: Trouble = {
    name: 'broken',
    times: 1,
    async make() {
      await waitFor(() => steps.length === 1);
      throw new Error('no such worker');
    },
  };
  const making = makeTroubles([slow, broken], work.circumstances);
  const settled = making.then(
    () => 'made',
    ({ message }: Error) => steps.push(message),
  );
  await waitFor(() => repair.finish !== undefined);
  await turn();
  repair.finish?.();
  await settled;
  expect(steps).toEqual(['begun', 'ended', 'no such worker']);
});
