import { expect, test } from '@jest/globals';
import { firstValue, joinValues, toHeadersView } from '../../../api/delivery/response-headers.ts';

test('joins what is repeated, and lists every cookie', () => {
  const headers = ['via', 'a', 'set-cookie', 'x=1, y', 'via', 'b', 'set-cookie', 'z=2', 'etag', '"e"'];
  expect({ ...toHeadersView(headers) }).toEqual({
    via: 'a, b',
    'set-cookie': ['x=1, y', 'z=2'],
    etag: '"e"',
  });
  expect({ ...toHeadersView(['set-cookie', 'a=1']) }).toEqual({ 'set-cookie': ['a=1'] });
});

test('takes a field named __proto__ for a field', () => {
  const view = toHeadersView(['__proto__', 'x', 'constructor', 'y']);
  expect(JSON.stringify(view)).toBe('{"__proto__":"x","constructor":"y"}');
});

test('finds the first value of a field', () => {
  expect(firstValue(['a', '1', 'b', '2', 'b', '3'], 'b')).toBe('2');
  expect(firstValue(['a', 'b'], 'b')).toBeUndefined();
  expect(firstValue(undefined, 'b')).toBeUndefined();
});

test('joins all values of a field', () => {
  expect(joinValues(['b', '1', 'a', '2', 'b', '3'], 'b')).toBe('1, 3');
  expect(joinValues(['a', 'b'], 'b')).toBeUndefined();
  expect(joinValues(undefined, 'b')).toBeUndefined();
});
