import { expect, test } from '@jest/globals';
import { isMoving, planFailpoints } from '../../chaos/failpoint-plan.ts';
import { createRandom } from '../../chaos/random.ts';

test('what reads, connects, or tells that a process lives, moves nothing', () => {
  const moving = [
    'accept',
    'savePart',
    'seal',
    'takeTurn',
    'claim',
    'lease',
    'record',
    'release',
    'takeOver',
  ];
  const still = [
    'hgetall',
    'info',
    'subscribe',
    'signOfLife',
    'takeDue',
    'lookUp',
    'queue: move stalled jobs to wait',
  ];
  expect(moving.filter(isMoving)).toEqual(moving);
  expect(still.filter(isMoving)).toEqual([]);
  expect(isMoving('queue: move next job to be processed')).toBe(true);
});

test('plans each step before and after, so many times, in rounds', () => {
  const plan = planFailpoints(['a', 'b'], 3, createRandom(1));
  const round = ['before a', 'after a', 'before b', 'after b'];
  expect(plan.map(({ step, when }) => `${when} ${step}`)).toEqual([...round, ...round, ...round]);
  expect(plan.every(({ nth }) => nth >= 1 && nth <= 4)).toBe(true);
  expect(planFailpoints(['a', 'b'], 3, createRandom(1))).toEqual(plan);
});
