// The OpenAPI 3.1 document: from the operations and the schemas that validate, never by hand.
import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';
import { problemSchema, problemStatuses, type ProblemCode } from '../problem.ts';
import { inputs, outputs } from './components.ts';
import { headersOf, headersOfEvery, responseHeaders, type HeaderName } from './headers.ts';
import {
  pathOf,
  toComponents,
  toInline,
  type Direction,
  type JsonSchema,
  type Named,
} from './json-schema.ts';
import { problemsOf, tags, type Answer, type Method, type Operation, type Parameter } from './operation.ts';
import { operations } from './operations.ts';
import { problemAdvice } from './problem-advice.ts';

export type OpenApi = {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly object[];
  readonly security: readonly object[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Partial<Readonly<Record<Method, OperationObject>>>>>;
  readonly components: {
    readonly securitySchemes: object;
    readonly headers: Readonly<Record<string, HeaderObject>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
};

export type OperationObject = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly ParameterObject[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly description: string;
    readonly content: Content;
  };
  readonly responses: Readonly<Record<string, ResponseObject>>;
};

export type ParameterObject = Omit<Parameter, 'schema' | 'isJson'> & {
  readonly required: boolean;
  readonly schema?: JsonSchema;
  /** Of one that is written as JSON. */
  readonly content?: Content;
  readonly explode?: false;
};

export type HeaderObject = { readonly description: string; readonly schema: JsonSchema };

export type Content = Readonly<
  Record<
    string,
    {
      readonly schema: JsonSchema;
      readonly example?: unknown;
      readonly examples?: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;
    }
  >
>;

export type ResponseObject = {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Content;
};

/** The version in package.json. */
export const version = '0.1.0';

export const createDocument = (): OpenApi => ({
  openapi: '3.1.1',
  info,
  servers: [{ url: '/' }],
  security: [{ apiKey: [] }, {}],
  tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
  paths: toPaths(operations),
  components: {
    securitySchemes: {
      apiKey: {
        type: 'http',
        scheme: 'bearer',
        description: 'One of `FETCHFLEET_API_KEYS`, where there are any.',
      },
    },
    headers: toHeaderObjects(),
    schemas: { ...toComponents(inputs, 'input'), ...toComponents(outputs, 'output') },
  },
});

const info = {
  title: 'Fetchfleet',
  version,
  license: { name: 'MIT', identifier: 'MIT' },
  description:
    'Fetches batches of HTTP requests: every request of a batch that was accepted gets exactly one stored result.\n\n' +
    'What is not understood is refused, never ignored: fields and query parameters. `HEAD` works where `GET` does; `OPTIONS` answers ' +
    '`Allow`. Every answer has an `X-Request-Id`: yours, where you sent one. Every error is `application/problem+json` with a stable `code`; beside those of each operation there are ' +
    '`route_not_found` (404) where nothing is served at a path, and `method_not_allowed` (405, with `Allow`).',
};

const toPaths = (all: readonly Operation[]): OpenApi['paths'] => {
  const paths: Record<string, Partial<Record<Method, OperationObject>>> = {};
  for (const operation of all) (paths[operation.path] ??= {})[operation.method] = toOperation(operation);
  return paths;
};

const toOperation = (operation: Operation): OperationObject => {
  const { id, tag, summary, description, parameters, body, answers, isPublic } = operation;
  const usual = headersOfEvery({ isPublic: isPublic === true });
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(isPublic === true && { security: [] }),
    ...(parameters !== undefined && { parameters: parameters.map(toParameter) }),
    ...(body !== undefined && {
      requestBody: {
        required: body.isRequired,
        description: body.description,
        content: toContent(body.content, 'input'),
      },
    }),
    responses: {
      ...Object.fromEntries(answers.map((answer) => [answer.status, toResponse(answer, usual)])),
      ...toProblems(problemsOf(operation), usual),
    },
  };
};

const toParameter = ({ schema, isJson = false, ...parameter }: Parameter): ParameterObject => {
  const required = parameter.in === 'path';
  if (isJson)
    return { ...parameter, required, content: { 'application/json': { schema: refer(schema, 'input') } } };
  const json = toInline(schema, 'input');
  return { ...parameter, required, schema: json, ...(json['type'] === 'array' && { explode: false }) };
};

const toContent = (
  content: Readonly<Record<string, { readonly schema: z.ZodType }>>,
  io: Direction,
): Content =>
  Object.fromEntries(
    Object.entries(content).map(([type, { schema, ...rest }]) => [
      type,
      { schema: refer(schema, io), ...rest },
    ]),
  );

const refer = (schema: z.ZodType, io: Direction): JsonSchema => {
  const named: Named = io === 'input' ? inputs : outputs;
  const name = Object.keys(named).find((each) => named[each] === schema);
  return name === undefined ? toInline(schema, io) : { $ref: pathOf(name) };
};

const toResponse = (
  { description, headers = [], content }: Answer,
  usual: readonly HeaderName[],
): ResponseObject => ({
  description,
  headers: toHeaders([...usual, ...headers]),
  ...(content !== undefined && { content: toContent(content, 'output') }),
});

const toHeaders = (names: readonly HeaderName[]): NonNullable<ResponseObject['headers']> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const toHeaderObjects = (): Record<string, HeaderObject> =>
  Object.fromEntries(
    Object.entries(responseHeaders).map(([name, { description, schema }]) => [
      name,
      { description, schema: toInline(schema, 'output') },
    ]),
  );

/** One response a status, with the codes that it may have. */
const toProblems = (
  codes: readonly ProblemCode[],
  usual: readonly HeaderName[],
): Record<string, ResponseObject> => {
  const known = Object.entries(problemStatuses) as [ProblemCode, number][];
  const statuses = [...new Set(known.map(([, status]) => status))];
  const responses = statuses.map((status) => {
    const own = known.filter(([code, its]) => its === status && codes.includes(code)).map(([code]) => code);
    return [status, own] as const;
  });
  return Object.fromEntries(
    responses
      .filter(([, own]) => own.length > 0)
      .map(([status, own]) => [status, toProblem(status, own, usual)]),
  );
};

const toProblem = (
  status: number,
  codes: readonly ProblemCode[],
  usual: readonly HeaderName[],
): ResponseObject => ({
  headers: toHeaders([...usual, ...headersOf(codes)]),
  description: `${STATUS_CODES[status]}. ${codes.map((code) => `\`${code}\`: ${problemAdvice[code]}.`).join(' ')}`,
  content: {
    'application/problem+json': {
      schema: {
        allOf: [
          refer(problemSchema, 'output'),
          { type: 'object', properties: { code: { enum: codes } }, required: ['code'] },
        ],
      },
    },
  },
});
