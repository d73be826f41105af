import type { Request } from 'express';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ApiError } from '../../api/problem.ts';
import {
  anyText,
  jsonText,
  judgedBy,
  listOf,
  oneOf,
  readQuery,
  textOf,
  wholeNumber,
} from '../../api/query.ts';

const readers = {
  limit: wholeNumber(1, 100),
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  mode: oneOf(['fast', 'slow']),
  fields: listOf(['a', 'b', 'c']),
  id: textOf((text): text is 'x1' => text === 'x1', 'an id'),
  name: anyText,
  more: jsonText,
};

const read = (query: string): unknown => readQuery({ originalUrl: `/path${query}` } as Request, readers);

const errorsOf = (query: string): unknown => {
  try {
    read(query);
  } catch (error) {
    return (error as ApiError).extras.members?.['errors'];
  }
  return 'nothing was refused';
};

test('reads what is given, and leaves out what is not', () => {
  expect(read('')).toEqual({});
  expect(read('?')).toEqual({});
  expect(read('?limit=100&after=9007199254740991&mode=fast&fields=c,a&id=x1')).toEqual({
    limit: 100,
    after: 9_007_199_254_740_991,
    mode: 'fast',
    fields: new Set(['a', 'c']),
    id: 'x1',
  });
  expect(read('?name=%20a+b&more=%7B"a":[1]%7D')).toEqual({ name: ' a b', more: { a: [1] } });
});

test('says what a parameter is held against', () => {
  const judged = judgedBy(z.int(), jsonText);
  expect([z.toJSONSchema(judged.schema).type, judged.isJson, judged('1')]).toEqual(['integer', true, 1]);
  expect(z.toJSONSchema(readers.limit.schema)).toMatchObject({ type: 'integer', minimum: 1, maximum: 100 });
  expect(z.toJSONSchema(readers.mode.schema)).toMatchObject({ enum: ['fast', 'slow'] });
  expect(z.toJSONSchema(readers.fields.schema)).toMatchObject({
    type: 'array',
    items: { enum: ['a', 'b', 'c'] },
    maxItems: 3,
    uniqueItems: true,
  });
});

describe('refuses', () => {
  test.each([
    ['limit', '0'],
    ['limit', '101'],
    ['limit', ''],
    ['limit', '+1'],
    ['limit', '1e1'],
    ['limit', '0x1'],
    ['limit', '1.0'],
    ['limit', '%D9%A1'],
    ['limit', '%zz'],
    ['after', '9007199254740992'],
    ['after', '99999999999999999999'],
    ['mode', 'Fast'],
    ['mode', 'toString'],
    ['fields', ''],
    ['fields', 'a,a'],
    ['fields', 'a,'],
    ['fields', 'a,b,c,a'],
    ['id', 'x2'],
    ['more', '{'],
    ['more', ''],
    ['__proto__', '1'],
    ['limit[a]', '1'],
    ['', '1'],
  ])('%s=%s', (parameter, text) => {
    expect(errorsOf(`?${parameter}=${text}`)).toEqual([{ parameter, message: expect.any(String) }]);
  });

  test('each bad parameter by name, in one answer', () => {
    expect(errorsOf('?limit=x&limit=y&mode=z&other=1')).toEqual([
      { parameter: 'limit', message: 'given more than once' },
      { parameter: 'mode', message: 'must be one of fast, slow' },
      { parameter: 'other', message: 'not a parameter that is known here' },
    ]);
  });

  test('more parameters than anybody needs', () => {
    expect(() => read(`?${'a=1&'.repeat(101)}`)).toThrow('more than 100 parameters');
  });
});
