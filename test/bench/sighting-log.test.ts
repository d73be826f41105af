import { expect, test } from '@jest/globals';
import { createSightingLog, toSightings } from '../../bench/sighting-log.ts';

test('keeps who came and went, and when', () => {
  const clock = { ms: 100 };
  const log = createSightingLog(() => (clock.ms += 1));
  const [first, second, third] = [log.arrive(0, 1), log.arrive(1, 1), log.arrive(0, 2)];
  log.leave(second, 'refused');
  log.leave(first, 'answered');
  const stays = { leftMs: Number.POSITIVE_INFINITY, ending: undefined };
  expect(toSightings(log.read(['a', 'b']))).toEqual([
    { host: 'a', arrivedMs: 101, leftMs: 105, inFlight: 1, ending: 'answered' },
    { host: 'b', arrivedMs: 102, leftMs: 104, inFlight: 1, ending: 'refused' },
    { host: 'a', arrivedMs: 103, inFlight: 2, ...stays },
  ]);
  expect([log.count(), third]).toEqual([3, 2]);
  log.leave(third, 'closed');
  expect(toSightings(log.read(['a', 'b']))[2]).toMatchObject({ leftMs: 106, ending: 'closed' });
});
