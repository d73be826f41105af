import { expect, test } from '@jest/globals';
import { ApiError } from '../../../api/problem.ts';
import { createFieldErrors, pointerTo } from '../../../api/submission/field-errors.ts';

const thrownBy = (act: () => void): ApiError => {
  try {
    act();
  } catch (error) {
    if (error instanceof ApiError) return error;
  }
  throw new Error('no ApiError was thrown');
};

test('names every bad field in one answer', () => {
  const errors = createFieldErrors();
  errors.throwIfAny();
  errors.add(['requests', 2, 'url'], 'is required');
  errors.add(['name'], 'too long');
  const thrown = thrownBy(() => errors.throwIfAny());
  expect(thrown).toMatchObject({ code: 'body_invalid', message: '2 fields are not valid; see errors' });
  expect(thrown.extras.members).toEqual({
    errors: [
      { pointer: '/requests/2/url', message: 'is required' },
      { pointer: '/name', message: 'too long' },
    ],
  });
});

test('lists a hundred and says how many more there are', () => {
  const errors = createFieldErrors();
  for (let at = 0; at < 250; at += 1) errors.add(['urls', at], 'bad');
  const thrown = thrownBy(() => errors.throwIfAny());
  expect(thrown.message).toBe('250 fields are not valid; see errors, which lists the first 100');
  expect(thrown.extras.members?.['errors']).toHaveLength(100);
  expect(thrown.extras.members?.['moreErrors']).toBe(150);
});

test('tells of the line that each belongs to, and starts anew when they are taken', () => {
  const errors = createFieldErrors();
  errors.enterLine(7);
  errors.add(['url'], 'bad');
  expect(errors.take()).toEqual([{ pointer: '/url', line: 7, message: 'bad' }]);
  expect(errors.count()).toBe(0);
  errors.throwIfAny();
});

test.each([
  [[], ''],
  [['a/b', 'c~d', ''], '/a~1b/c~0d/'],
  [['x'.repeat(300)], `/${'x'.repeat(200)}…`],
])('writes the pointer of %j', (path, pointer) => {
  expect(pointerTo(path)).toBe(pointer);
});
