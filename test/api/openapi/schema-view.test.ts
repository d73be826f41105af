import { expect, test } from '@jest/globals';
import { describeType, tableOf } from '../../../api/openapi/schema-view.ts';

test.each([
  [{}, 'any JSON'],
  [{ type: 'integer', minimum: 1, maximum: 100 }, 'integer, 1 to 100'],
  [{ type: 'integer', minimum: 0 }, 'integer, at least 0'],
  [{ type: 'string', minLength: 1 }, 'string, at least 1 character'],
  [{ type: 'string', maxLength: 200 }, 'string, at most 200 characters'],
  [{ type: 'string', contentEncoding: 'base64' }, 'string, base64'],
  [{ type: 'string', format: 'date-time' }, 'string, date-time'],
  [{ type: 'string', pattern: '^<' }, 'string, <code>^&#60;</code>'],
  [{ enum: ['a', 'b'] }, '<code>a</code> <code>b</code>'],
  [{ const: true }, '<code>true</code>'],
  [{ type: 'array', items: { type: 'string' } }, 'array of string'],
  [{ type: 'object', additionalProperties: { type: 'number' } }, 'object of number'],
  [{ type: 'object', properties: {} }, 'object'],
  [
    { anyOf: [{ $ref: '#/components/schemas/Batch' }, { type: 'null' }] },
    '<a href="#schema-Batch">Batch</a> or null',
  ],
])('says of %j: %s', (schema, words) => {
  expect(describeType(schema)).toBe(words);
});

test('shows the members of members', () => {
  const rate = {
    type: 'object',
    properties: { periodMs: { type: 'integer', description: 'Of `1` ms & more' } },
  };
  const table = tableOf({
    type: 'object',
    properties: { rate: { anyOf: [rate, { type: 'null' }] }, list: { type: 'array', items: rate } },
    required: ['rate'],
  });
  expect(table).toContain('<tr><td><code>rate</code><td>object or null<tr>');
  expect(table).toContain(
    '<tr><td><code>rate.periodMs</code> <small>optional</small><td>integer<p>Of <code>1</code> ms &#38; more</p>',
  );
  expect(table).toContain('<code>list.periodMs</code>');
});
