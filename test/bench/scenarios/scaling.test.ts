import { expect, test } from '@jest/globals';
import { judge } from '../../../bench/scenarios/scaling.ts';
import { holds } from '../../../bench/trial.ts';

type Step = Parameters<typeof judge>[0][number][number];

const step = (workers: number, perSecond: number, target = 0.5): Step => ({
  workers,
  perSecond,
  target,
  worker: 0.9,
  redis: 0.2,
  machine: 1,
});

test.each([
  [step(4, 3600), [true, true]],
  [step(4, 3599), [false, true]],
  [step(4, 3600, 0.86), [true, false]],
])(
  'wants four workers to do nearly four times as much, and the target to have time left',
  (four, expected) => {
    const rounds = [[step(1, 1000), step(2, 2000), four, step(8, 5000)]];
    const { bounds, figures } = judge(rounds);
    expect(bounds.map(holds)).toEqual(expected);
    expect(figures).toContainEqual({ name: '8 workers by one', value: 5, unit: '×' });
    expect(figures).toContainEqual({ name: '8: Redis', value: 20, unit: '% of a core' });
  },
);
