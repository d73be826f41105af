// Answers held against the OpenAPI document, more strictly than it asks of clients: what it does not name is a fault.
import {
  createDocument,
  type OpenApi,
  type OperationObject,
  type ResponseObject,
} from '../../api/openapi/document.ts';
import type { JsonSchema } from '../../api/openapi/json-schema.ts';
import { createJudge } from './schema-judge.ts';

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
  const bodyFaults = ({ content }: ResponseObject, { status, headers, text }: Heard): string[] => {
    const type = String(headers['content-type'] ?? '').split(';', 1)[0] ?? '';
    if (content === undefined) return text === '' ? [] : [`a body of ${type}`];
    // The body of a result is of any type, and no business of ours.
    if (content['*/*'] !== undefined) return [];
    const media = content[type];
    if (media === undefined) return [`${type} is not documented for ${status}`];
    return bodiesIn(type, text, media.schema).flatMap(([schema, value]) => faultsIn(schema, value));
  };
  const headerFaults = (
    { headers: documented = {} }: ResponseObject,
    { status, headers }: Heard,
  ): string[] => {
    const named = new Map(Object.keys(documented).map((name) => [name.toLowerCase(), name]));
    return Object.entries(headers)
      .filter(([name]) => !untold.has(name))
      .flatMap(([name, value]) => {
        const schema = document.components.headers[named.get(name) ?? '']?.schema;
        if (schema === undefined) return [`${name} is not documented for ${status}`];
        return faultsIn(schema, schema['type'] === 'integer' ? Number(value) : value);
      });
  };
  return {
    document,
    operations,
    faultsIn,
    faultsOf(operationId, answer) {
      const operation = operations.find((each) => each.operationId === operationId);
      const response = operation?.responses[String(answer.status)];
      if (response === undefined) return [`${answer.status} is not documented: ${answer.text.slice(0, 200)}`];
      return [...headerFaults(response, answer), ...bodyFaults(response, answer)];
    },
  };
};

/** Of HTTP itself, or of every answer without saying anything about it. */
const untold = new Set([
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'referrer-policy',
  'transfer-encoding',
  'vary',
  'x-accel-buffering',
  'x-content-type-options',
]);

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
