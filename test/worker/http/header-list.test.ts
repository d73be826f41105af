import { expect, test } from '@jest/globals';
import { countField, findField, joinField, toHeaderList } from '../../../worker/http/header-list.ts';

const pairs = ['Set-Cookie', 'a=1', 'X-One', 'é', 'SET-COOKIE', 'b=2'];
const raw = pairs.map((text) => Buffer.from(text, 'latin1'));
const parsed = { 'set-cookie': ['a=1', 'b=2'], 'x-one': 'é' };

test('keeps fields in order with lower-case names and Latin-1 values, repeated ones in their places', () => {
  expect(toHeaderList(parsed, raw)).toEqual(['set-cookie', 'a=1', 'x-one', 'é', 'set-cookie', 'b=2']);
  expect(toHeaderList({ b: '1', a: '2' }, undefined)).toEqual(['b', '1', 'a', '2']);
  expect(toHeaderList({}, null)).toEqual([]);
});

test('keeps the place of a name that looks like a number', () => {
  const odd = ['b', '1', '7', '2'].map((text) => Buffer.from(text));
  expect(toHeaderList({ b: '1', 7: '2' }, odd)).toEqual(['b', '1', '7', '2']);
});

test('finds the first, joins all and counts', () => {
  const list = toHeaderList(parsed, raw);
  expect(findField(list, 'set-cookie')).toBe('a=1');
  expect(joinField(list, 'set-cookie')).toBe('a=1, b=2');
  expect(countField(list, 'set-cookie')).toBe(2);
  expect([findField(list, 'x'), joinField(list, 'x'), countField(list, 'x')]).toEqual([
    undefined,
    undefined,
    0,
  ]);
});

test('does not take a value for a name', () => {
  expect(findField(['x-name', 'location', 'x', 'y'], 'location')).toBeUndefined();
});
