// What is told of one operation of the API: what its route validates with, what it answers, and what may go wrong.
import type { z } from 'zod';
import type { ProblemCode } from '../problem.ts';
import type { Readers } from '../query.ts';

export const tags = {
  batches: 'Submit batches of requests, look at them, wait for them.',
  control: 'Steer a batch that was submitted.',
  results: 'Read what came of the requests.',
  webhooks: 'What was told to the webhook of a batch.',
  hosts: 'How each host fares over all workers, and its limits. They hold for every batch of every API key.',
  service: 'Probes, and this description.',
} as const;

export type Method = 'get' | 'post' | 'put' | 'delete';

export type Operation = {
  /** The name that generated clients call it by. */
  readonly id: string;
  readonly method: Method;
  /** With parameters in braces. */
  readonly path: `/${string}`;
  readonly tag: keyof typeof tags;
  readonly summary: string;
  readonly description?: string;
  /** Needs no API key. */
  readonly isPublic?: true;
  readonly parameters?: readonly Parameter[];
  readonly body?: RequestBody;
  readonly answers: readonly Answer[];
  /** Beside those of every operation: see `problemsOf`. */
  readonly problems: readonly ProblemCode[];
};

export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: z.ZodType;
  readonly description: string;
  /** Shown in the curl example, where it is needed or makes a good one. */
  readonly example?: string | number;
};

export type Examples = Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;

export type RequestBody = {
  readonly isRequired: boolean;
  readonly description: string;
  /** By media type. */
  readonly content: Readonly<Record<string, { readonly schema: z.ZodType; readonly examples: Examples }>>;
};

export type Answer = {
  readonly status: number;
  readonly description: string;
  /** By name, what each says. */
  readonly headers?: Readonly<Record<string, string>>;
  /** By media type; absent where there is no body. */
  readonly content?: Readonly<Record<string, { readonly schema: z.ZodType; readonly example?: unknown }>>;
};

/** The parameters that a route reads with `readers`, each with what it does. */
export const toParameters = <R extends Readers>(
  readers: R,
  about: { readonly [Name in keyof R]: string | Pick<Parameter, 'description' | 'example'> },
): Parameter[] =>
  Object.entries(readers).map(([name, { schema }]) => {
    const told = about[name] ?? '';
    return { name, in: 'query', schema, ...(typeof told === 'string' ? { description: told } : told) };
  });

const ofEveryOperation = [
  'http_invalid',
  'request_timeout',
  'expectation_failed',
  'head_too_large',
  'internal',
] as const;

/** Every code that an operation may be refused with. */
export const problemsOf = (operation: Operation): readonly ProblemCode[] => [
  ...ofEveryOperation,
  ...(operation.isPublic === true ? [] : (['unauthorized', 'query_invalid', 'store_unavailable'] as const)),
  ...(operation.path.includes('{') ? (['path_invalid'] as const) : []),
  ...operation.problems,
];

/** Refusals of a JSON body. */
export const bodyProblems = [
  'body_invalid',
  'body_invalid_json',
  'body_invalid_utf8',
  'body_invalid_encoding',
  'body_too_deep',
  'upload_aborted',
  'body_too_large',
  'unsupported_media_type',
  'unsupported_charset',
  'unsupported_encoding',
] as const satisfies readonly ProblemCode[];
