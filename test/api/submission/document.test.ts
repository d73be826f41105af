import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { ApiError } from '../../../api/problem.ts';
import { maxDepth, parseDocument, refuseUnsafe } from '../../../api/submission/document.ts';
import { createFieldErrors } from '../../../api/submission/field-errors.ts';

const parse = (text: string): unknown => parseDocument(Buffer.from(text));

test('parses an object, with or without a byte order mark', () => {
  expect(parse('{"a":[1]}')).toEqual({ a: [1] });
  expect(parse('\ufeff{"a":1}')).toEqual({ a: 1 });
});

test.each(['', '  ', '[]', 'null', '1', '"x"', '{', '{"a":1}{"a":1}'])('refuses %j as a whole', (text) => {
  expect(() => parse(text)).toThrow(ApiError);
});

const outcomeOf = (act: () => unknown): 'fine' | 'refused' | 'fault' => {
  try {
    act();
    return 'fine';
  } catch (error) {
    return error instanceof ApiError ? 'refused' : 'fault';
  }
};

test('never throws anything but an ApiError, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(outcomeOf(() => parseDocument(Buffer.from(bytes)))).not.toBe('fault');
    }),
  );
});

test('refuses a body whose many tiny objects would fill the memory', () => {
  const text = `{"urls":["[{\\"{",${'{},'.repeat(8_000_001)}1]}`;
  expect(() => parse(text)).toThrow('more than 8000000 arrays and objects');
});

test('does not take brackets within strings for arrays', () => {
  expect(parse(`{"urls":["${'['.repeat(9_000_000)}\\"{"]}`)).toHaveProperty('urls');
});

test('finds __proto__ wherever it hides', () => {
  const errors = createFieldErrors();
  refuseUnsafe(parse('{"a":[{"b":{"__proto__":{"c":1}}}],"__proto__":1}'), ['defaults'], errors);
  expect(errors.count()).toBe(2);
});

test('refuses what is nested too deep, at the field, without exhausting the stack', () => {
  const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
  const check = (levels: number): void => refuseUnsafe(deep(levels), ['json'], createFieldErrors());
  check(maxDepth - 1);
  expect(() => check(maxDepth)).toThrow('nested too deep');
  expect(() => check(100_000)).toThrow('nested too deep');
});
