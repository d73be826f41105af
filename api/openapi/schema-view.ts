// A JSON Schema in a few words, and its members as a table, for the reference page.
import { escapeHtml, toPhrase } from './html.ts';
import type { JsonSchema } from './json-schema.ts';

/** Such as `integer, 1 to 100`, with links to the schemas that have a name; as HTML. */
export const describeType = (schema: JsonSchema): string => {
  const { $ref, anyOf, allOf, items, enum: allowed, type } = schema;
  if (typeof $ref === 'string') return linkTo($ref.split('/').at(-1) ?? '');
  if (Array.isArray(anyOf)) return (anyOf as JsonSchema[]).map(describeType).join(' or ');
  if (Array.isArray(allOf)) return describeType((allOf as JsonSchema[])[0] ?? {});
  if (Array.isArray(allowed)) return allowed.map(value).join(' ');
  if ('const' in schema) return value(schema['const']);
  if (type === 'array') return `array of ${describeType((items ?? {}) as JsonSchema)}`;
  if (type === 'object') return describeObject(schema);
  return [typeof type === 'string' ? type : 'any JSON', ...boundsOf(schema)].join(', ');
};

/** The members of an object, those within them under names such as `retry.maxAttempts`. */
export const tableOf = (schema: JsonSchema): string => {
  const rows = rowsOf(schema, '');
  return rows.length === 0
    ? `<p>${describeType(schema)}</p>`
    : `<table><tbody>${rows.join('')}</tbody></table>`;
};

const rowsOf = (schema: JsonSchema, prefix: string): string[] => {
  const required = new Set((schema['required'] ?? []) as string[]);
  const members = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  return Object.entries(members).flatMap(([name, member]) => {
    const mark = required.has(name) ? '' : ' <small>optional</small>';
    const about = typeof member['description'] === 'string' ? toPhrase(member['description']) : '';
    const row = `<tr><td>${code(prefix + name)}${mark}<td>${describeType(member)}${about && `<p>${about}</p>`}`;
    return [row, ...rowsOf(innerOf(member), `${prefix}${name}.`)];
  });
};

/** The object that a member is, may be, or lists. */
const innerOf = ({ anyOf, items, ...schema }: JsonSchema): JsonSchema => {
  if (Array.isArray(anyOf)) return (anyOf as JsonSchema[]).find((each) => 'properties' in each) ?? {};
  return (items ?? schema) as JsonSchema;
};

const describeObject = ({ properties, additionalProperties: values }: JsonSchema): string =>
  properties === undefined && typeof values === 'object' && values !== null && Object.keys(values).length > 0
    ? `object of ${describeType(values as JsonSchema)}`
    : 'object';

const boundsOf = ({
  format,
  contentEncoding,
  minimum,
  maximum,
  minLength,
  maxLength,
  pattern,
}: JsonSchema): string[] => [
  ...(typeof contentEncoding === 'string' ? [escapeHtml(contentEncoding)] : []),
  ...(typeof format === 'string' ? [escapeHtml(format)] : []),
  ...(minimum === undefined && maximum === undefined ? [] : [range(minimum, maximum, '')]),
  ...(minLength === undefined && maxLength === undefined
    ? []
    : [
        range(
          minLength,
          maxLength,
          maxLength === undefined && minLength === 1 ? ' character' : ' characters',
        ),
      ]),
  ...(typeof pattern === 'string' && pattern.length <= 80 ? [code(pattern)] : []),
];

const range = (least: unknown, most: unknown, unit: string): string => {
  const [from, to] = [JSON.stringify(least), JSON.stringify(most)];
  if (most === undefined) return `at least ${from}${unit}`;
  return least === undefined ? `at most ${to}${unit}` : `${from} to ${to}${unit}`;
};

const linkTo = (name: string): string => `<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`;

const value = (allowed: unknown): string =>
  code(typeof allowed === 'string' ? allowed : JSON.stringify(allowed));

const code = (text: string): string => `<code>${escapeHtml(text)}</code>`;
