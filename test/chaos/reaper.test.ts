import { expect, test } from '@jest/globals';
import { reap, type Reaping, type Victim } from '../../chaos/reaper.ts';
import type { Failpoint } from '../../chaos/step.ts';

const { signal } = new AbortController();
const at = (step: string): Failpoint => ({ step, when: 'before' });

type Story = { readonly victim: Victim; readonly events: string[] };

/** A victim that comes to these places, one after the other, over and over. */
const victimThatComesTo = (...stations: readonly (readonly Failpoint[])[]): Story => {
  const events: string[] = [];
  const state: { timer?: NodeJS.Timeout } = {};
  const stop = (): void => clearInterval(state.timer);
  return {
    events,
    victim: {
      line: {
        arm(isTime, strike) {
          let [come, isArmed] = [0, true];
          state.timer = setInterval(() => {
            const places = stations[come % stations.length] ?? [];
            come += 1;
            if (!isArmed || !isTime(places)) return;
            isArmed = false;
            strike(places);
          }, 1);
        },
        disarm: stop,
      },
      async kill() {
        events.push('killed');
        await Promise.resolve();
        events.push('gone');
      },
      start: async () => void events.push('started'),
    },
  };
};

/** It is to die at one of these, then at one of those. */
const reapingOf = (...aims: readonly (readonly Failpoint[])[]): Reaping & { readonly deaths: string[][] } => {
  const [left, deaths]: [(readonly Failpoint[])[], string[][]] = [[...aims], []];
  return {
    aims: () => left.shift() ?? [],
    worth: ({ length }) => length,
    withinMs: 20_000,
    onDeath: (places) => void deaths.push(places.map(({ step }) => step)),
    signal,
    deaths,
  };
};

const death = ['killed', 'gone', 'started'];

test('dies where it is aimed at, and is replaced each time', async () => {
  const { victim, events } = victimThatComesTo([at('a')], [at('b')]);
  const reaping = reapingOf([at('a')], [at('b')]);
  await reap(victim, reaping);
  expect(events).toEqual([...death, ...death]);
  expect(reaping.deaths).toEqual([['a'], ['b']]);
});

test('dies at any of those that it is aimed at', async () => {
  const { victim } = victimThatComesTo([at('c')], [at('b')]);
  const reaping = reapingOf([at('a'), at('b')]);
  await reap(victim, reaping);
  expect(reaping.deaths).toEqual([['b']]);
});

test('dies where that is worth many places rather than one', async () => {
  const many = 'abcdefgh'.split('').map(at);
  const { victim } = victimThatComesTo([at('a')], many, [at('a')]);
  const reaping = reapingOf([at('a')]);
  await reap(victim, reaping);
  expect(reaping.deaths).toEqual(['abcdefgh'.split('')]);
});

test('dies in the end where it does not come there', async () => {
  const { victim, events } = victimThatComesTo([at('b')]);
  const reaping = { ...reapingOf([at('a')]), withinMs: 20 };
  await reap(victim, reaping);
  expect(events).toEqual(death);
  expect(reaping.deaths).toEqual([[]]);
});

test('stops when the person has had enough', async () => {
  const { victim, events } = victimThatComesTo([at('a')]);
  const enough = AbortSignal.abort(new Error('enough'));
  await expect(reap(victim, { ...reapingOf([at('a')]), signal: enough })).rejects.toThrow('enough');
  expect(events).toEqual(['killed', 'gone']);
});
