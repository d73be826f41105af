import { expect, test } from '@jest/globals';
import { judge } from '../../../bench/scenarios/ingest.ts';
import { holds } from '../../../bench/trial.ts';

const taken = (perSecond: number, redisBytes: number): Parameters<typeof judge>[0][number] => ({
  perSecond,
  redisBytes,
  apiMicroseconds: 5,
  redisMicroseconds: 1,
});

test.each([
  [150_000, 80, [true, true]],
  [149_999, 80, [false, true]],
  [150_000, 81, [true, false]],
])('wants speed and few bytes: %d URL/s, %d B', (perSecond, bytes, expected) => {
  const rounds = [taken(1, 500), taken(perSecond, bytes), taken(1e6, 1)];
  const { bounds, figures } = judge(rounds, 150 * 2 ** 20);
  expect(bounds.map(holds)).toEqual(expected);
  expect(figures).toContainEqual({ name: 'API, at most', value: 150, unit: 'MiB' });
});
