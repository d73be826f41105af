import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createFieldErrors } from '../../../api/submission/field-errors.ts';
import { readTemplate, type Expanded } from '../../../api/submission/template.ts';

const read = (template: object): { all: Expanded[]; count: number; errors: object[] } => {
  const errors = createFieldErrors();
  const { count = 0, at } = readTemplate(template, errors) ?? {};
  const all = at === undefined ? [] : Array.from({ length: Math.min(count, 1000) }, (_, i) => at(i));
  return { all, count, errors: [...errors.take()] };
};
const urlsOf = (template: object): string[] => read(template).all.map(({ url }) => url);
const url = 'https://api.example/{a}';

test('makes the product of its variables, the last one changing first', () => {
  expect(urlsOf({ url: 'https://api.example/{a}?k={b}', vars: { a: '1..2', b: ['x', 7, 'z'] } })).toEqual([
    'https://api.example/1?k=x',
    'https://api.example/1?k=7',
    'https://api.example/1?k=z',
    'https://api.example/2?k=x',
    'https://api.example/2?k=7',
    'https://api.example/2?k=z',
  ]);
});

test('zips them where it is told to', () => {
  const template = {
    url: 'https://api.example/{a}/{b}',
    vars: { a: '1..3', b: ['x', 'y', 'z'] },
    combine: 'zip',
  };
  expect(urlsOf(template)).toEqual(['x', 'y', 'z'].map((b, i) => `https://api.example/${i + 1}/${b}`));
});

test.each([
  ['1..3', ['1', '2', '3']],
  ['08..10', ['08', '09', '10']],
  ['001..003', ['001', '002', '003']],
  ['0..10..5', ['0', '5', '10']],
  ['0..9..5', ['0', '5']],
  ['3..1', ['3', '2', '1']],
  ['5..5', ['5']],
])('reads the range %s', (a, values) => {
  expect(urlsOf({ url, vars: { a } })).toEqual(values.map((value) => `https://api.example/${value}`));
});

test('counts without making any', () => {
  expect(read({ url, vars: { a: '1..999999999999999' } }).count).toBe(999_999_999_999_999);
});

test('encodes values in the URL unless told not to, and nothing elsewhere', () => {
  const { all } = read({
    url: 'https://api.example/{a}/{+a}?{{x}}',
    id: 'id {a}',
    method: 'POST',
    headers: { 'x-a': '{a}' },
    body: '{{"a":"{a}"}}',
    vars: { a: ['b/c ?'] },
  });
  expect(all).toEqual([
    {
      url: 'https://api.example/b%2Fc%20%3F/b/c ??{x}',
      id: 'id b/c ?',
      method: 'POST',
      headers: { 'x-a': 'b/c ?' },
      body: '{"a":"b/c ?"}',
    },
  ]);
});

test('any value comes back out of the URL it was put into', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      const [made = ''] = urlsOf({ url: 'https://api.example/?q={q}', vars: { q: [value] } });
      expect(new URL(made).searchParams.get('q')).toBe(value);
    }),
  );
});

describe('is refused', () => {
  test.each([
    [{ url, vars: {} }, '/template/url'],
    [{ url, vars: { a: '1..2', b: '1..2' } }, '/template/vars/b'],
    [{ url: `${url}{`, vars: { a: '1..2' } }, '/template/url'],
    [{ url: `${url}}`, vars: { a: '1..2' } }, '/template/url'],
    [{ url: `${url}{a b}`, vars: { a: '1..2' } }, '/template/url'],
    [{ url, headers: { x: '{y}' }, vars: { a: '1..2' } }, '/template/headers/x'],
    [{ url, vars: { a: '1-2' } }, '/template/vars/a'],
    [{ url, vars: { a: '1..2..0' } }, '/template/vars/a'],
    [{ url, vars: { a: [] } }, '/template/vars/a'],
    [{ url, vars: { a: [{}] } }, '/template/vars/a'],
    [{ url, vars: { a: '1..2', 'b-c': '1..2' } }, '/template/vars/b-c'],
    [{ url: '{a}{b}', vars: { a: '1..2', b: '1..3' }, combine: 'zip' }, '/template/vars'],
    [{ url, vars: { a: '1..2' }, combine: 'sum' }, '/template/combine'],
    [{ url, vars: { a: '1..2' }, timeoutMs: 1 }, '/template/timeoutMs'],
    [{ vars: {} }, '/template/url'],
  ])('%j at %s', (template, pointer) => {
    const { all, errors } = read(template);
    expect(all).toEqual([]);
    expect(errors).toContainEqual({ pointer, message: expect.any(String) });
  });
});
