import { expect, test } from '@jest/globals';
import { createTally } from '../../chaos/failpoint-tally.ts';
import type { Failpoint } from '../../chaos/step.ts';

const [beforeA, afterA, afterB] = [
  { step: 'a', when: 'before' },
  { step: 'a', when: 'after' },
  { step: 'b', when: 'after' },
] as const satisfies readonly Failpoint[];

test('counts each place once a death, and knows where deaths are the fewest and not enough', () => {
  const tally = createTally({ api: ['a'], worker: ['b'] }, 2);
  expect(tally.missing('api')).toHaveLength(2);
  tally.die('api', [beforeA, beforeA, afterB]);
  expect(tally.missing('api')).toMatchObject([{ ...afterA, hits: 0 }]);
  expect([tally.worth('api', [beforeA, afterA, afterA, afterB]), tally.left()]).toEqual([2, 4]);
  for (let deaths = 0; deaths < 3; deaths += 1) tally.die('api', [afterA]);
  expect(tally.missing('api')).toMatchObject([{ ...beforeA, hits: 1 }]);
  tally.die('api', [beforeA]);
  expect(tally.missing('api')).toEqual([]);
  expect([tally.worth('api', [beforeA, afterA]), tally.left()]).toEqual([0, 2]);
});

test('tells how often each place was hit, and how many were not often enough', () => {
  const tally = createTally({ api: ['a'], worker: ['b'] }, 1);
  for (const places of [[beforeA], [afterA, beforeA]]) tally.die('api', places);
  tally.die('worker', [afterB]);
  const { bounds, figures } = tally.judge();
  expect(bounds).toEqual([{ name: 'failpoints not hit 1 times', value: 1, most: 0 }]);
  expect(figures).toEqual([
    { name: 'deaths', value: 3 },
    { name: 'api before a', value: 2 },
    { name: 'api after a', value: 1 },
    { name: 'worker before b', value: 0 },
    { name: 'worker after b', value: 1 },
  ]);
});
