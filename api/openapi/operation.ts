// What is told of one operation of the API: what its route validates with, what it answers, and what may go wrong.
import type { z } from 'zod';
import type { ProblemCode } from '../problem.ts';
import type { Readers } from '../query.ts';
import type { HeaderName } from './headers.ts';

export const tags = {
  submission: 'Submit batches of requests, as a whole or little by little.',
  batches: 'Look at batches, wait for them, see where their time went.',
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
  /** It is written as JSON. */
  readonly isJson?: boolean;
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
  /** Beside those of every answer. */
  readonly headers?: readonly HeaderName[];
  /** By media type; absent where there is no body. */
  readonly content?: Readonly<Record<string, { readonly schema: z.ZodType; readonly example?: unknown }>>;
};

/** The parameters that a route reads with `readers`, each with what it does. */
export const toParameters = <R extends Readers>(
  readers: R,
  about: { readonly [Name in keyof R]: string | Pick<Parameter, 'description' | 'example'> },
): Parameter[] =>
  Object.entries(readers).map(([name, { schema, isJson = false }]) => {
    const told = about[name] ?? '';
    const rest = typeof told === 'string' ? { description: told } : told;
    return { name, in: 'query', schema, isJson, ...rest };
  });

const ofEveryOperation = [
  'http_invalid',
  'request_timeout',
  'expectation_failed',
  'head_too_large',
  'internal',
] as const;

const ofEveryCall = ['unauthorized', 'rate_limited', 'query_invalid', 'store_unavailable'] as const;

/** Every code that an operation may be refused with. */
export const problemsOf = (operation: Operation): readonly ProblemCode[] => [
  ...ofEveryOperation,
  ...(operation.isPublic === true ? [] : ofEveryCall),
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
