import { expect, test } from '@jest/globals';
import { countField, findField, joinField } from '../../../worker/http/header-list.ts';

const list = ['set-cookie', 'a=1', 'x-one', 'é', 'set-cookie', 'b=2'];

test('finds the first, joins all and counts', () => {
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
