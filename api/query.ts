// Query parameters, read strictly: what is not understood is refused, never ignored.
import type { Request } from 'express';
import { z } from 'zod';
import { ApiError } from './problem.ts';

/** Reads one parameter's text; throws QueryError saying what is allowed. */
export type ParameterReader<T> = {
  (text: string): T;
  /** What the parameter is held against once it is taken out of its text. */
  readonly schema: z.ZodType;
  /** The text is JSON. */
  readonly isJson?: boolean;
};

class QueryError extends Error {}

export type Readers = Readonly<Record<string, ParameterReader<unknown>>>;
type Values<R extends Readers> = { readonly [Name in keyof R]?: ReturnType<R[Name]> };

/** The parameters that were given, each once and valid; throws `query_invalid` naming every other. */
export const readQuery = <R extends Readers>(request: Request, readers: R): Values<R> => {
  const values: Record<string, unknown> = {};
  const errors: { parameter: string; message: string }[] = [];
  const given = parametersOf(request.originalUrl);
  for (const name of new Set(given.map(([parameter]) => parameter))) {
    const texts = given.filter(([parameter]) => parameter === name).map(([, text]) => text);
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    const outcome = readParameter(read, texts);
    if ('message' in outcome) errors.push({ parameter: name.slice(0, 200), message: outcome.message });
    else values[name] = outcome.value;
  }
  if (errors.length > 0) throw refusal(errors);
  return values as Values<R>;
};

const refusal = (errors: readonly { parameter: string; message: string }[]): ApiError =>
  new ApiError('query_invalid', 'the query is not valid; see errors', { members: { errors } });

/** For a parameter that is valid alone, but not beside what else was asked for. */
export const refuseParameter = (parameter: string, message: string): ApiError =>
  refusal([{ parameter, message }]);

const maxParameters = 100;

const parametersOf = (url: string): [string, string][] => {
  const start = url.indexOf('?');
  const parameters = start === -1 ? [] : [...new URLSearchParams(url.slice(start))];
  if (parameters.length <= maxParameters) return parameters;
  throw new ApiError('query_invalid', `the query has more than ${maxParameters} parameters`);
};

const readParameter = (
  read: ParameterReader<unknown> | undefined,
  texts: readonly string[],
): { value: unknown } | { message: string } => {
  if (read === undefined) return { message: 'not a parameter that is known here' };
  if (texts.length > 1) return { message: 'given more than once' };
  try {
    return { value: read(texts[0] ?? '') };
  } catch (error) {
    if (error instanceof QueryError) return { message: error.message };
    throw error;
  }
};

/** Decimal digits and nothing else. */
export const wholeNumber = (min: number, max: number): ParameterReader<number> =>
  createReader({
    schema: z.int().min(min).max(max),
    takeOut: (text) => (/^[0-9]{1,16}$/.test(text) ? Number(text) : undefined),
    toValue: (value) => value,
    meaning: `a whole number from ${min} to ${max}`,
  });

export const oneOf = <T extends string>(allowed: readonly T[]): ParameterReader<T> =>
  createReader({
    schema: z.literal(allowed),
    takeOut: (text) => text,
    toValue: (value) => value,
    meaning: `one of ${allowed.join(', ')}`,
  });

/** Names of `allowed`, comma-separated, each once. */
export const listOf = <T extends string>(allowed: readonly T[]): ParameterReader<ReadonlySet<T>> =>
  createReader({
    schema: z
      .array(z.literal(allowed))
      .max(allowed.length)
      .refine((names) => new Set(names).size === names.length)
      .meta({ uniqueItems: true }),
    takeOut: (text) => text.split(',', allowed.length + 1),
    toValue: (names): ReadonlySet<T> => new Set(names),
    meaning: `names of ${allowed.join(', ')}, comma-separated, each once`,
  });

/** Text that `isValid` accepts; `meaning` says what that is. */
export const textOf = <T extends string>(
  isValid: (text: string) => text is T,
  meaning: string,
): ParameterReader<T> =>
  createReader({
    schema: z.string().refine(isValid),
    takeOut: (text) => text,
    toValue: (text) => text,
    meaning,
  });

type Reading<Written, T> = {
  readonly schema: z.ZodType<Written>;
  readonly takeOut: (text: string) => unknown;
  readonly toValue: (written: Written) => T;
  readonly meaning: string;
};

const createReader = <Written, T>(reading: Reading<Written, T>): ParameterReader<T> => {
  const { schema, takeOut, toValue, meaning } = reading;
  const read = (text: string): T => {
    const parsed = schema.safeParse(takeOut(text));
    if (parsed.success) return toValue(parsed.data);
    throw new QueryError(`must be ${meaning}`);
  };
  return Object.assign(read, { schema });
};

export const trueOrFalse: ParameterReader<boolean> = createReader({
  schema: z.boolean(),
  takeOut: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  toValue: (value) => value,
  meaning: 'one of true, false',
});

/** Any text, to be judged elsewhere. */
export const anyText: ParameterReader<string> = createReader({
  schema: z.string(),
  takeOut: (text) => text,
  toValue: (text) => text,
  meaning: 'text',
});

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new QueryError(`must be JSON: ${(error as SyntaxError).message}`);
  }
};

/** Any JSON, to be judged elsewhere. */
export const jsonText: ParameterReader<unknown> = Object.assign(
  createReader({
    schema: z.unknown(),
    takeOut: parseJson,
    toValue: (value) => value,
    meaning: 'JSON',
  }),
  { isJson: true },
);

/** `read`, where the value is held against `schema` elsewhere, after reading. */
export const judgedBy = <T>(schema: z.ZodType, read: ParameterReader<T>): ParameterReader<T> =>
  Object.assign((text: string): T => read(text), { schema, isJson: read.isJson === true });
