import { expect, test } from '@jest/globals';
import { alignColumns } from '../../bench/columns.ts';

test('aligns names to the left and figures to the right', () => {
  expect(
    alignColumns([
      ['name', 'ms'],
      ['x', '1000'],
    ]),
  ).toEqual(['name    ms', 'x     1000']);
});
