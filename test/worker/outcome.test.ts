import { expect, test } from '@jest/globals';
import { endOf } from '../../worker/outcome.ts';
import { failure, response } from '../support/outcomes.ts';

test('an attempt ends as long after its start as it took, in whole milliseconds and never in the future', () => {
  const { timings, ...answered } = response(200);
  expect(endOf({ ...answered, startedAt: 1000, timings: { ...timings, totalMs: 12.9 } })).toBe(1012);
  expect(endOf({ ...failure('cancelled'), startedAt: 1000, timings: { ...timings, totalMs: 0 } })).toBe(1000);
});
