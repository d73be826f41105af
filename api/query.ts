// Query parameters, read strictly: what is not understood is refused, never ignored.
import type { Request } from 'express';
import { ApiError } from './problem.ts';

/** Reads one parameter's text; throws QueryError saying what is allowed. */
export type ParameterReader<T> = (text: string) => T;

class QueryError extends Error {}

type Readers = Readonly<Record<string, ParameterReader<unknown>>>;
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
export const wholeNumber =
  (min: number, max: number): ParameterReader<number> =>
  (text) => {
    const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new QueryError(`must be a whole number from ${min} to ${max}`);
  };

export const oneOf =
  <T extends string>(allowed: readonly T[]): ParameterReader<T> =>
  (text) => {
    const value = allowed.find((each) => each === text);
    if (value !== undefined) return value;
    throw new QueryError(`must be one of ${allowed.join(', ')}`);
  };

export const trueOrFalse: ParameterReader<boolean> = (text) => oneOf(['true', 'false'])(text) === 'true';

/** Names of `allowed`, comma-separated, each once. */
export const listOf =
  <T extends string>(allowed: readonly T[]): ParameterReader<ReadonlySet<T>> =>
  (text) => {
    const names = text.split(',', allowed.length + 1);
    const known = new Set(allowed.filter((each) => names.includes(each)));
    if (known.size === names.length) return known;
    throw new QueryError(`must be names of ${allowed.join(', ')}, comma-separated, each once`);
  };

/** Text that `isValid` accepts; `meaning` says what that is. */
export const textOf =
  <T extends string>(isValid: (text: string) => text is T, meaning: string): ParameterReader<T> =>
  (text) => {
    if (isValid(text)) return text;
    throw new QueryError(`must be ${meaning}`);
  };
