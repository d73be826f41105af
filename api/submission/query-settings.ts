// The settings of a streamed submission: its body is requests and nothing else, so they stand in the query, objects as JSON.
import type { Request } from 'express';
import { ApiError } from '../problem.ts';
import {
  anyText,
  jsonText,
  oneOf,
  readQuery,
  trueOrFalse,
  wholeNumber,
  type ParameterReader,
} from '../query.ts';
import { createFieldErrors, type FieldError } from './field-errors.ts';
import { readSettings, type Settings, type SettingsRules, type settingsSchema } from './settings.ts';

const anyNumber = wholeNumber(0, Number.MAX_SAFE_INTEGER);

/** One for each field of a batch; what each may hold is for the schema to say. */
const readers: Readonly<Record<keyof typeof settingsSchema.shape, ParameterReader<unknown>>> = {
  name: anyText,
  metadata: jsonText,
  priority: anyNumber,
  perHost: jsonText,
  notBefore: anyText,
  expiresIn: anyNumber,
  retention: anyNumber,
  defaults: jsonText,
  onInvalid: oneOf(['reject', 'fail']),
  open: trueOrFalse,
  dedupe: trueOrFalse,
  webhook: jsonText,
};

export type QuerySettingsReader = (request: Request) => Settings;

/** Throws `query_invalid`, naming every parameter to mend, and where within it. */
export const createQuerySettingsReader =
  (rules: SettingsRules): QuerySettingsReader =>
  (request) => {
    const errors = createFieldErrors();
    const settings = readSettings(readQuery(request, readers), errors, rules);
    if (settings !== undefined && errors.count() === 0) return settings;
    throw new ApiError('query_invalid', 'the query is not valid; see errors', {
      members: { errors: errors.take().map(toParameterError) },
    });
  };

const toParameterError = ({ pointer, message }: FieldError): Readonly<Record<string, string>> => {
  const [, parameter = '', ...inner] = pointer.split('/');
  return { parameter, ...(inner.length > 0 && { pointer: `/${inner.join('/')}` }), message };
};
