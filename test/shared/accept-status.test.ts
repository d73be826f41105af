import { expect, test } from '@jest/globals';
import { acceptsStatus } from '../../shared/accept-status.ts';

test.each([
  ['200-399', 199, false],
  ['200-399', 200, true],
  ['200-399', 399, true],
  ['200-399', 400, false],
  ['200', 200, true],
  ['200', 201, false],
  ['200-299,404,500-599', 404, true],
  ['200-299,404,500-599', 503, true],
  ['200-299,404,500-599', 403, false],
])('%s and %i: %s', (ranges, status, expected) => {
  expect(acceptsStatus(ranges, status)).toBe(expected);
});
