import { expect, test } from '@jest/globals';
import { sharedNowMs } from '../../bench/clock.ts';

test('goes with the clock of the machine, which all processes share', () => {
  const [seconds, nanoseconds] = process.hrtime();
  const before = seconds * 1000 + nanoseconds / 1e6;
  const now = sharedNowMs();
  const [secondsAfter, nanosecondsAfter] = process.hrtime();
  expect(now).toBeGreaterThan(before - 1);
  expect(now).toBeLessThan(secondsAfter * 1000 + nanosecondsAfter / 1e6 + 1);
});
