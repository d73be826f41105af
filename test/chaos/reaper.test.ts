import { expect, test } from '@jest/globals';
import { reap, type Reaping, type Victim } from '../../chaos/reaper.ts';
import type { Failpoint } from '../../chaos/step-line.ts';

const { signal } = new AbortController();
const at = (step: string): Failpoint => ({ step, when: 'before', nth: 1 });

type Story = { readonly victim: Victim; readonly events: string[] };

/** A victim that comes at once to every step but those that are out of its way. */
const victimThatNeverTakes = (...steps: readonly string[]): Story => {
  const events: string[] = [];
  return {
    events,
    victim: {
      line: {
        arm({ step }, strike) {
          events.push(`armed ${step}`);
          if (!steps.includes(step)) setImmediate(strike);
        },
        disarm: () => void events.push('disarmed'),
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

const reapingOf = (plan: Failpoint[]): Reaping & { readonly hits: string[] } => {
  const hits: string[] = [];
  const onHit = ({ step }: Failpoint): void => void hits.push(step);
  return { plan, armed: new Set(), withinMs: 20, onHit, signal, hits };
};

test('dies at each of its failpoints, and is replaced each time', async () => {
  const { victim, events } = victimThatNeverTakes();
  const reaping = reapingOf([at('a'), at('b')]);
  await reap(victim, reaping);
  const death = ['killed', 'gone', 'started'];
  expect(events.filter((event) => event !== 'disarmed')).toEqual(['armed a', ...death, 'armed b', ...death]);
  expect(reaping.hits).toEqual(['a', 'b']);
  expect([reaping.plan.length, reaping.armed.size]).toEqual([0, 0]);
});

test('gives up a failpoint that it does not come to', async () => {
  const { victim, events } = victimThatNeverTakes('b');
  const reaping = reapingOf([at('b'), at('c')]);
  await reap(victim, reaping);
  expect(reaping.hits).toEqual(['c']);
  expect(events.slice(0, 3)).toEqual(['armed b', 'disarmed', 'armed c']);
});

test('several take from one plan, and tell where they are to die', async () => {
  const reaping = reapingOf(['a', 'b', 'c', 'd'].map(at));
  const armed: number[] = [];
  const watching: Reaping = { ...reaping, onHit: () => void armed.push(reaping.armed.size) };
  const victims = [victimThatNeverTakes(), victimThatNeverTakes()];
  await Promise.all(victims.map(({ victim }) => reap(victim, watching)));
  expect(victims.flatMap(({ events }) => events.filter((event) => event === 'killed'))).toHaveLength(4);
  expect(armed).toHaveLength(4);
  expect(Math.max(...armed)).toBe(1);
});

test('stops when the person has had enough', async () => {
  const { victim } = victimThatNeverTakes();
  const enough = AbortSignal.abort(new Error('enough'));
  await expect(reap(victim, { ...reapingOf([at('a')]), signal: enough })).rejects.toThrow('enough');
});
