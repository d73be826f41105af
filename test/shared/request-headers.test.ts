import { expect, test } from '@jest/globals';
import { headersSchema } from '../../shared/request-headers.ts';

const refused = (headers: unknown): unknown[] =>
  (headersSchema.safeParse(headers).error?.issues ?? []).map((issue) => issue.path.join('|'));

test('keeps names and values as the user wrote them', () => {
  const headers = { 'X-Trace': 'a\tb', Accept: 'text/html', 'x-latin': 'café' };
  expect(headersSchema.parse(headers)).toEqual(headers);
});

test.each(['', 'x a', 'x\r\ny', ':authority', 'a/b', 'é'])('refuses the name %j', (name) => {
  expect(refused({ [name]: '1' })).toEqual([name]);
});

test.each(['b\r\nx-evil: 1', 'b\nx', 'a\u0000b', '€', 'x'.repeat(8193)])('refuses the value %j', (value) => {
  expect(refused({ 'x-a': value })).toEqual(['x-a']);
});

test.each([
  'Host',
  'content-length',
  'Transfer-Encoding',
  'TE',
  'Keep-Alive',
  'Proxy-Authorization',
  'Accept-Encoding',
  'Metadata-Flavor',
])('refuses %s, which is not for users', (name) => expect(refused({ [name]: '1' })).toEqual([name]));

test('refuses a name that is given twice', () => {
  expect(refused({ 'X-A': '1', 'x-a': '2' })).toEqual(['x-a']);
});

test('refuses more fields than anybody needs', () => {
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`x-${i}`, '1']));
  expect(refused(many)).toEqual(['']);
});

test('refuses what is no object of texts', () => {
  expect(refused([['a', 'b']])).toEqual(['']);
  expect(refused({ a: 1 })).toEqual(['a']);
});
