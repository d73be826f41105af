import { expect, test } from '@jest/globals';
import { judge, type Spent } from '../../../bench/scenarios/cost.ts';
import { holds } from '../../../bench/trial.ts';

const moment = (api: number, worker: number, redis: [number, number, number]): Spent['before'] => {
  const [bytes, cpuSeconds, fileBytes] = redis;
  return { api, worker, redis: { bytes, cpuSeconds, fileBytes } };
};

const spent = ({ queued = 80, stored = 130, worker = 200 }): Spent => ({
  before: moment(1, 0, [1e6, 1, 0]),
  queued: moment(1.5, 0, [1e6 + queued * 1000, 1.1, 100_000]),
  ready: moment(1.5, 0.4, [1e6 + queued * 1000, 1.1, 100_000]),
  done: moment(1.5, 0.5, [1e6 + stored * 1000, 1.2, 400_000]),
  read: moment(1.6, 0.5, [1e6 + stored * 1000, 1.3, 400_000]),
  peakBytes: { api: 150 * 2 ** 20, worker: worker * 2 ** 20 },
});

test.each([
  [{}, [true, true, true]],
  [{ queued: 81 }, [false, true, true]],
  [{ stored: 131 }, [true, false, true]],
  [{ worker: 201 }, [true, true, false]],
])('minds bytes and memory: %j', (overrides, expected) => {
  expect(judge(spent(overrides), 1000).bounds.map(holds)).toEqual(expected);
});

test('counts the CPU seconds of a million URLs by phase, and not the start of the worker', () => {
  const figures = judge(spent({}), 1000).figures.map(({ name, value }) => [name, Math.round(value)]);
  expect(figures).toEqual([
    ['API, at most', 150],
    ['append-only file, at the end', 400],
    ['taking in a million: API', 500],
    ['taking in a million: Redis', 100],
    ['fetching a million: worker', 100],
    ['fetching a million: Redis', 100],
    ['reading a million: API', 100],
    ['reading a million: Redis', 100],
  ]);
});
