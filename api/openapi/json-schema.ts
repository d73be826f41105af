// zod schemas → JSON Schema (2020-12) as OpenAPI 3.1 has it. Knows no schema by name.
import { z } from 'zod';

export type JsonSchema = { readonly [keyword: string]: unknown };
export type Direction = 'input' | 'output';

export type Named = Readonly<Record<string, z.ZodType>>;

/** The schema of each; where one has another within, it refers to it. */
export const toComponents = (named: Named, io: Direction): Record<string, JsonSchema> => {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { ...options, io, uri: pathOf });
  return Object.fromEntries(Object.keys(named).map((id) => [id, withoutIdentity(schemas[id] ?? {})]));
};

/** For a schema without a name, and none within. */
export const toInline = (schema: z.ZodType, io: Direction): JsonSchema =>
  withoutIdentity(z.toJSONSchema(schema, { ...options, io }));

export const pathOf = (id: string): string => `#/components/schemas/${id}`;

const withoutIdentity = (schema: JsonSchema): JsonSchema => {
  // Only what names itself gets definitions, and `tidy` leaves nothing of it that refers to them.
  const { $schema: _, $id: __, $defs: ___, ...rest } = schema;
  return rest;
};

type Override = Parameters<NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>>[0];

const tidy = ({ zodSchema, jsonSchema }: Override): void => {
  // Any JSON. TypeScript has no type that names itself as this would.
  if (zodSchema instanceof z.ZodLazy) for (const keyword of recursive) delete jsonSchema[keyword];
  // Answers may get new members, and are none the worse for it; what is written with too many is refused.
  if (zodSchema instanceof z.ZodObject && zodSchema.def.catchall === undefined)
    delete jsonSchema.additionalProperties;
  // Generated clients take what has a default for what must be given.
  delete jsonSchema.default;
  // What the format says, the pattern need not.
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  // No format of JSON Schema: its `contentEncoding` says it.
  if (jsonSchema.format === 'base64') delete jsonSchema.format;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (JSON.stringify(jsonSchema.propertyNames) === '{"type":"string"}') delete jsonSchema.propertyNames;
};

const recursive = ['anyOf', '$ref'] as const;

const options = { target: 'draft-2020-12', unrepresentable: 'any', override: tidy } as const;
