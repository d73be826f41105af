import { expect, test } from '@jest/globals';
import { integer } from '../../shared/number-variables.ts';

test('reads whole numbers within their bounds, and has a default', () => {
  const schema = integer(1, 100, 7);
  expect([schema.parse('1'), schema.parse('100'), schema.parse(undefined)]).toEqual([1, 100, 7]);
});

test.each(['0', '101', '-1', '1.5', '1e1', ' 1', '0x1', '', 'NaN', '9'.repeat(400)])('refuses %p', (text) =>
  expect(integer(1, 100, 7).safeParse(text).success).toBe(false),
);
