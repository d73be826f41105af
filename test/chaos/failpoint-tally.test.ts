import { expect, test } from '@jest/globals';
import { createTally } from '../../chaos/failpoint-tally.ts';

const place = (step: string): { who: string; step: string; when: 'before' } => ({
  who: 'api',
  step,
  when: 'before',
});

test('tells how often each place was hit, and which were not often enough', () => {
  const tally = createTally();
  for (const step of ['a', 'a', 'a', 'b']) tally.hit(place(step));
  const { bounds, figures } = tally.judge(['a', 'a', 'b', 'b', 'b', 'c'].map(place));
  expect(bounds).toEqual([{ name: 'failpoints missed', value: 3, most: 0 }]);
  expect(figures).toEqual([
    { name: 'deaths', value: 4 },
    { name: 'api before a', value: 3 },
    { name: 'api before b', value: 1 },
    { name: 'api before c', value: 0 },
  ]);
});
