import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { ApiError } from '../../../api/problem.ts';
import { createFieldErrors } from '../../../api/submission/field-errors.ts';
import { parseField } from '../../../api/submission/field-rules.ts';

const schema = z.strictObject({
  url: z.string(),
  limit: z.int().max(5).optional(),
  id: z.string().min(1).optional(),
  mode: z.enum(['a', 'b']).optional(),
});

const errorsOf = (value: unknown): unknown => {
  const errors = createFieldErrors();
  expect(parseField(schema, value, { path: ['at'], errors })).toBeUndefined();
  try {
    errors.throwIfAny();
  } catch (error) {
    return (error as ApiError).extras.members?.['errors'];
  }
  throw new Error('no error was added');
};

test('gives back what is valid', () => {
  const errors = createFieldErrors();
  expect(parseField(schema, { url: 'u', limit: 1 }, { path: [], errors })).toEqual({ url: 'u', limit: 1 });
  expect(errors.count()).toBe(0);
});

test('says of each field what is wrong with it, in words', () => {
  expect(errorsOf({ limit: 9, id: '', mode: 'c', a: 1, b: 2 })).toEqual([
    { pointer: '/at/url', message: 'is required: expected string' },
    { pointer: '/at/limit', message: 'must be at most 5' },
    { pointer: '/at/id', message: 'must have at least 1 character' },
    { pointer: '/at/mode', message: 'expected one of "a"|"b"' },
    { pointer: '/at/a', message: 'not a field that is known here' },
    { pointer: '/at/b', message: 'not a field that is known here' },
  ]);
  expect(errorsOf('text')).toEqual([{ pointer: '/at', message: 'expected object, received string' }]);
});
