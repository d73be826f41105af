import { expect, test } from '@jest/globals';
import { createSightingLog, toSightings } from '../../bench/sighting-log.ts';

test('keeps who came and went, and when', () => {
  const clock = { ms: 100 };
  const log = createSightingLog(() => (clock.ms += 1));
  const arrivals = [
    { host: 0, path: 7, inFlight: 1 },
    { host: 1, path: 8, inFlight: 1 },
    { host: 0, path: Number.NaN, inFlight: 2 },
  ];
  const [first = 0, second = 0, third = 0] = arrivals.map((arrival) => log.arrive(arrival));
  log.leave(second, 'refused');
  log.leave(first, 'answered');
  const stays = { leftMs: Number.POSITIVE_INFINITY, ending: undefined };
  expect(toSightings(log.read(['a', 'b']))).toEqual([
    { host: 'a', path: 7, arrivedMs: 101, leftMs: 105, inFlight: 1, ending: 'answered' },
    { host: 'b', path: 8, arrivedMs: 102, leftMs: 104, inFlight: 1, ending: 'refused' },
    { host: 'a', path: Number.NaN, arrivedMs: 103, inFlight: 2, ...stays },
  ]);
  expect([log.count(), third]).toEqual([3, 2]);
  log.leave(third, 'closed');
  expect(toSightings(log.read(['a', 'b']))[2]).toMatchObject({ leftMs: 106, ending: 'closed' });
});
