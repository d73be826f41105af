import { describe, expect, test } from '@jest/globals';
import { array, assert, integer, property } from 'fast-check';
import {
  answeredIn,
  arrivalsByWindow,
  arrivedIn,
  busiestWindow,
  meanInFlight,
  mostInFlight,
  spanOf,
  trim,
  type Sighting,
} from '../../bench/sighting.ts';

const sighting = (arrivedMs: number, leftMs: number, rest: Partial<Sighting> = {}): Sighting => ({
  host: 'a',
  path: 0,
  arrivedMs,
  leftMs,
  inFlight: 1,
  ending: 'answered',
  ...rest,
});
const arrivals = (...times: number[]): Sighting[] => times.map((time) => sighting(time, time + 1));

test('spans from the first arrival to the last departure, and is trimmed at both ends', () => {
  const span = spanOf([sighting(20, 90), sighting(10, 30)]);
  expect(span).toEqual({ fromMs: 10, untilMs: 90 });
  expect(trim(span, 0.05)).toEqual({ fromMs: 14, untilMs: 86 });
});

test('finds the most at any host at once', () => {
  expect(mostInFlight([sighting(0, 1, { inFlight: 3 }), sighting(0, 1, { inFlight: 9 })])).toBe(9);
});

describe('the mean in flight', () => {
  test.each<[string, readonly Sighting[], number]>([
    ['of one that is there all the time', [sighting(0, 100)], 1],
    ['of one that is there half of it', [sighting(0, 50)], 0.5],
    ['of two that overlap', [sighting(0, 60), sighting(40, 100)], 1.2],
    ['counts only what is within the span', [sighting(-500, 50), sighting(50, 900)], 1],
    ['of one that has not left', [sighting(75, Number.POSITIVE_INFINITY)], 0.25],
    ['of others at other times', [sighting(-20, -10), sighting(100, 200)], 0],
  ])('%s', (_, sightings, mean) => {
    expect(meanInFlight(sightings, { fromMs: 0, untilMs: 100 })).toBeCloseTo(mean, 10);
  });

  test('weighs moments, not requests: a crowd for a moment is little', () => {
    const crowd = Array.from({ length: 100 }, () => sighting(0, 1));
    expect(meanInFlight([...crowd, sighting(0, 100)], { fromMs: 0, untilMs: 100 })).toBeCloseTo(2, 10);
  });
});

test('tells who arrived, and who was answered, in a span without its end', () => {
  const all = [
    sighting(0, 10),
    sighting(5, 20),
    sighting(9, 19, { ending: 'refused' }),
    sighting(10, 30, { ending: 'closed' }),
  ];
  expect(arrivedIn(all, { fromMs: 5, untilMs: 10 })).toEqual([all[1], all[2]]);
  expect(answeredIn(all, { fromMs: 10, untilMs: 20 })).toEqual([all[0]]);
});

test('counts arrivals by windows from the first one on, the empty ones too', () => {
  expect(arrivalsByWindow(arrivals(500, 1499, 1500, 3600), 1000)).toEqual([2, 1, 0, 1]);
  expect(arrivalsByWindow([], 1000)).toEqual([]);
});

describe('the busiest window', () => {
  test('is found where aligned ones would cut it in two', () => {
    const burst = arrivals(0, 900, 950, 1000, 1050, 1899, 1900);
    expect(arrivalsByWindow(burst, 1000)).toEqual([3, 4]);
    expect(busiestWindow(burst, 1000)).toBe(5);
  });

  test('of nothing is empty', () => {
    expect(busiestWindow([], 1000)).toBe(0);
  });

  test('is what counting from every arrival finds, in whatever order they come', () => {
    assert(
      property(array(integer({ min: 0, max: 5000 })), (times) => {
        const within = (start: number): number => times.filter((t) => t >= start && t < start + 1000).length;
        expect(busiestWindow(arrivals(...times), 1000)).toBe(Math.max(0, ...times.map(within)));
      }),
    );
  });
});
