import { expect, test } from '@jest/globals';
import { createAlarms, toleranceMs } from '../../../worker/http/alarms.ts';
import type { Sleeper } from '../../../worker/http/alarms.ts';
import { until } from '../../support/until.ts';

const sleeper = (inMs: number, wake: () => void): Sleeper & { wakeAt: number } => ({
  wakeAt: performance.now() + inMs,
  place: -1,
  wake,
});

/** Sleepers that note when they were woken, and which. */
const setup = (): {
  woken: string[];
  at: number[];
  sleep: (name: string, inMs: number) => Sleeper & { wakeAt: number };
} => {
  const woken: string[] = [];
  const at: number[] = [];
  const sleep = (name: string, inMs: number): Sleeper & { wakeAt: number } =>
    sleeper(inMs, () => {
      woken.push(name);
      at.push(performance.now());
    });
  return { woken, at, sleep };
};

test('wakes each when its time has come, and not before, in whatever order they were set', async () => {
  const alarms = createAlarms();
  const { woken, at, sleep } = setup();
  const all = [sleep('late', 60), sleep('soon', 5), sleep('between', 30)];
  for (const each of all) alarms.set(each);
  await until(() => woken.length === 3);
  expect(woken).toEqual(['soon', 'between', 'late']);
  const due = all.map(({ wakeAt }) => wakeAt).toSorted((a, b) => a - b);
  for (const [i, wokenAt] of at.entries())
    expect(wokenAt).toBeGreaterThanOrEqual((due[i] ?? 0) - toleranceMs);
});

test('does not wake who was cleared, and forgets nobody else over it', async () => {
  const alarms = createAlarms();
  const { woken, sleep } = setup();
  const [first, second, third] = [sleep('first', 1), sleep('second', 2), sleep('third', 3)];
  for (const each of [first, second, third]) alarms.set(each);
  alarms.clear(first);
  alarms.clear(first);
  await until(() => woken.length === 2);
  expect(woken).toEqual(['second', 'third']);
});

test('an alarm can be moved forward, and set again by who was woken', async () => {
  const alarms = createAlarms();
  const { woken, sleep } = setup();
  const early = sleep('early', 60_000);
  alarms.set(early);
  early.wakeAt = performance.now() + 5;
  alarms.set(early);
  let naps = 0;
  const napping = sleeper(1, () => {
    naps += 1;
    napping.wakeAt = performance.now() + 1;
    if (naps < 3) alarms.set(napping);
  });
  alarms.set(napping);
  await until(() => naps === 3 && woken.length > 0);
  expect(woken).toEqual(['early']);
});

test('who is cleared by one that is woken with it sleeps on', async () => {
  const alarms = createAlarms();
  const { woken, sleep } = setup();
  const victim = sleep('victim', 0);
  const killer = sleeper(0, () => {
    alarms.clear(victim);
    woken.push('killer');
  });
  victim.wakeAt = killer.wakeAt + 0.5;
  alarms.set(killer);
  alarms.set(victim);
  alarms.set(sleep('last', 5));
  await until(() => woken.includes('last'));
  expect(woken).toEqual(['killer', 'last']);
});
