import { expect, test } from '@jest/globals';
import { locate, readLocators, writeUnrecorded } from '../../shared/locator.ts';

test('what was written as unrecorded is found in its slice', () => {
  const sliceOf = [0, 1, 1, 2_000_000_000];
  const locators = readLocators(writeUnrecorded(4, (offset) => sliceOf[offset] ?? 0));
  expect(locators.map(locate)).toEqual(sliceOf.map((slice) => ({ at: 'slice', slice })));
});

test('any other number is a segment, and zero is nowhere', () => {
  expect(locate(0)).toEqual({ at: 'nowhere' });
  expect(locate(1)).toEqual({ at: 'segment', segment: 1 });
  expect(locate(0x7fff_ffff)).toEqual({ at: 'segment', segment: 0x7fff_ffff });
});

test('a locator that was cut off is left out', () => {
  expect(readLocators(Buffer.from([0, 0, 0, 1, 0, 0]))).toEqual([1]);
  expect(readLocators(Buffer.alloc(0))).toEqual([]);
});
