import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { toComponents, toInline } from '../../../api/openapi/json-schema.ts';

test('refers to what has a name', () => {
  const inner = z.object({ at: z.iso.datetime() });
  const components = toComponents({ Outer: z.object({ inner: inner.nullable() }), Inner: inner }, 'output');
  expect(components).toEqual({
    Outer: {
      type: 'object',
      properties: { inner: { anyOf: [{ $ref: '#/components/schemas/Inner' }, { type: 'null' }] } },
      required: ['inner'],
    },
    Inner: {
      type: 'object',
      properties: { at: { type: 'string', format: 'date-time' } },
      required: ['at'],
    },
  });
});

test('shows what is written before it is turned into something else', () => {
  const schema = z.strictObject({
    at: z.iso
      .datetime()
      .transform((text) => Date.parse(text))
      .optional(),
    priority: z.int().min(0).default(50),
  });
  expect(toInline(schema, 'input')).toEqual({
    type: 'object',
    properties: {
      at: { type: 'string', format: 'date-time' },
      priority: { type: 'integer', minimum: 0 },
    },
    additionalProperties: false,
  });
});

test('has any JSON as what it is, and not as what names itself', () => {
  const schema = z.object({ json: z.json().describe('Whatever.').optional() });
  const told = { type: 'object', properties: { json: { description: 'Whatever.' } } };
  expect(toInline(schema, 'output')).toEqual(told);
  expect(toComponents({ One: schema, Other: z.object({ one: schema }) }, 'output')['One']).toEqual(told);
});
