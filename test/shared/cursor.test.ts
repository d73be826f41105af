import { assert, integer, property } from 'fast-check';
import { expect, test } from '@jest/globals';
import { cursorOf, placeOf } from '../../shared/cursor.ts';

test('zero is before the first result', () => {
  expect(placeOf(0)).toEqual({ among: 'segments', segment: 1, taken: 0 });
});

test('every place has its own cursor, and later places have larger ones', () => {
  const place = (segment: number, taken: number) => ({ among: 'segments', segment, taken }) as const;
  assert(
    property(integer({ min: 1, max: 2 ** 31 }), integer({ min: 0, max: 1000 }), (segment, taken) => {
      expect(placeOf(cursorOf(place(segment, taken)))).toEqual(place(segment, taken));
      expect(cursorOf(place(segment, taken))).toBeLessThan(cursorOf(place(segment + 1, 0)));
      expect(cursorOf(place(segment, taken))).toBeLessThan(cursorOf({ among: 'unrecorded', index: 0 }));
    }),
  );
});

test('places past all segments count by index', () => {
  const place = { among: 'unrecorded', index: 99_999_999 } as const;
  expect(placeOf(cursorOf(place))).toEqual(place);
  expect(Number.isSafeInteger(cursorOf(place))).toBe(true);
});
