// Holds values against JSON Schemas of the OpenAPI document, closed: what a schema does not name is a fault.
import { z } from 'zod';
import type { OpenApi } from '../../api/openapi/document.ts';
import type { JsonSchema } from '../../api/openapi/json-schema.ts';

type SchemaObject = Record<string, never>;

/** What is wrong with a value of a schema, which may refer to those of the document. */
export type Judge = (schema: JsonSchema, value: unknown) => string[];

export const createJudge = ({ components }: OpenApi): Judge => {
  const $defs = rename(close(components.schemas));
  const known = new Map<string, z.ZodType>();
  const toZod = (schema: JsonSchema): z.ZodType => {
    const key = JSON.stringify(schema);
    const judge = known.get(key) ?? z.fromJSONSchema({ ...rename(schema), $defs });
    known.set(key, judge);
    return judge;
  };
  return ({ allOf, ...schema }, value) =>
    // Each part alone: of a whole, zod lets pass what one part does not forbid.
    ((allOf as JsonSchema[] | undefined) ?? [schema]).flatMap((part) =>
      (toZod(part).safeParse(value).error?.issues ?? []).map(
        ({ path, message }) => `${path.join('/')}: ${message}`,
      ),
    );
};

/** Objects with members take no others. */
const close = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(close);
  if (typeof schema !== 'object' || schema === null) return schema;
  const closed = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === 'oneOf' ? value : close(value)]),
  );
  return 'type' in closed && 'properties' in closed && !('additionalProperties' in closed)
    ? { ...closed, additionalProperties: false }
    : closed;
};

const rename = (schema: unknown): SchemaObject =>
  JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/')) as SchemaObject;
