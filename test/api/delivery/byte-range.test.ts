import { expect, test } from '@jest/globals';
import { parseRange } from '../../../api/delivery/byte-range.ts';

test.each([
  ['bytes=0-0', 0, 0],
  ['bytes=2-5', 2, 5],
  ['Bytes=3-', 3, 9],
  ['bytes=-4', 6, 9],
  ['bytes=-400', 0, 9],
  ['bytes=9-99999', 9, 9],
])('%s of ten bytes', (field, start, end) => {
  expect(parseRange(field, 10)).toEqual({ start, end });
});

test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0'])('%s cannot be had of ten bytes', (field) => {
  expect(parseRange(field, 10)).toBe('unsatisfiable');
});

test('nothing can be had of an empty body', () => {
  expect([parseRange('bytes=0-', 0), parseRange('bytes=-1', 0)]).toEqual(['unsatisfiable', 'unsatisfiable']);
});

test.each([
  undefined,
  '',
  'bytes=',
  'bytes=-',
  'bytes=x',
  'bytes=5-2',
  'bytes=0-1,4-5',
  'lines=0-1',
  'bytes=1e3-',
])('%s asks for the whole', (field) => {
  expect(parseRange(field, 10)).toBeUndefined();
});
