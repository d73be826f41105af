// Answers held against the OpenAPI document, more strictly than it asks of clients: what it does not name is a fault.
import { z } from 'zod';
import { createDocument, type OpenApi, type OperationObject } from '../../api/openapi/document.ts';
import type { JsonSchema } from '../../api/openapi/json-schema.ts';

export type Heard = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

export type DocumentedOperation = OperationObject & { readonly method: string; readonly path: string };

export type Contract = {
  readonly document: OpenApi;
  readonly operations: readonly DocumentedOperation[];
  /** What is wrong with an answer of an operation; empty for nothing. */
  faultsOf(operationId: string, answer: Heard): string[];
  /** What is wrong with a value of a schema. */
  faultsIn(schema: JsonSchema, value: unknown): string[];
};

export const createContract = (document = createDocument()): Contract => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
  );
  const faultsIn = createJudge(document);
  return {
    document,
    operations,
    faultsIn,
    faultsOf(operationId, answer) {
      const operation = operations.find((each) => each.operationId === operationId);
      const response = operation?.responses[String(answer.status)];
      if (response === undefined) return [`${answer.status} is not documented: ${answer.text.slice(0, 200)}`];
      const type = String(answer.headers['content-type'] ?? '').split(';', 1)[0] ?? '';
      if (response.content === undefined) return answer.text === '' ? [] : [`a body of ${type}`];
      // The body of a result is of any type, and no business of ours.
      if (response.content['*/*'] !== undefined) return [];
      const media = response.content[type];
      if (media === undefined) return [`${type} is not documented for ${answer.status}`];
      return bodiesIn(type, answer.text, media.schema).flatMap(([schema, value]) => faultsIn(schema, value));
    },
  };
};

const refer = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** Every JSON value in a body, with its schema. */
const bodiesIn = (type: string, text: string, schema: JsonSchema): [JsonSchema, unknown][] => {
  if (/[/+]json$/.test(type)) return [[schema, JSON.parse(text)]];
  if (type === 'application/x-ndjson')
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => [refer('ResultFields'), JSON.parse(line)]);
  if (type !== 'text/event-stream') return [[schema, text]];
  const events = [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)];
  return events.map(([, event, line = '']) => [
    refer(event === 'result' ? 'ResultFields' : 'Batch'),
    JSON.parse(line),
  ]);
};

type SchemaObject = Record<string, never>;

const createJudge = ({ components }: OpenApi): Contract['faultsIn'] => {
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
