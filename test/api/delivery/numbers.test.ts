import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { writeDate, writeTenths } from '../../../api/delivery/numbers.ts';

test('tenths are written as JavaScript writes the number of milliseconds', () => {
  fc.assert(fc.property(fc.nat(), (tenths) => writeTenths(tenths) === String(tenths / 10)));
  fc.assert(fc.property(fc.nat(20_000), (tenths) => writeTenths(tenths) === String(tenths / 10)));
  expect([writeTenths(), writeTenths(-5)]).toEqual(['0', '-0.5']);
});

test('a time is written as ISO 8601, whatever was written before', () => {
  fc.assert(
    fc.property(fc.nat(4_102_444_800_000), fc.nat(1999), (at, later) => {
      for (const each of [at, at + later, at]) expect(writeDate(each)).toBe(new Date(each).toISOString());
    }),
  );
});
