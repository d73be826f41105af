// The settings of a streamed submission: its body is requests and nothing else, so they stand in the query, objects as JSON.
import type { Request } from 'express';
import { hostLimitsSchema } from '../../shared/host-limits.ts';
import { requestDefaultsSchema } from '../../shared/request.ts';
import { ApiError } from '../problem.ts';
import {
  anyText,
  jsonText,
  judgedBy,
  oneOf,
  readQuery,
  trueOrFalse,
  wholeNumber,
  type ParameterReader,
} from '../query.ts';
import { createFieldErrors, type FieldError } from './field-errors.ts';
import { readSettings, settingsSchema, type Settings, type SettingsRules } from './settings.ts';
import { webhookSchema } from './webhook.ts';

const anyNumber = wholeNumber(0, Number.MAX_SAFE_INTEGER);

const { shape } = settingsSchema;

/** One for each field of a batch; what each may hold is for the schema to say. */
export const settingsQuery: Readonly<Record<keyof typeof shape, ParameterReader<unknown>>> = {
  name: judgedBy(shape.name, anyText),
  metadata: judgedBy(shape.metadata, jsonText),
  priority: judgedBy(shape.priority, anyNumber),
  perHost: judgedBy(hostLimitsSchema, jsonText),
  notBefore: judgedBy(shape.notBefore, anyText),
  expiresIn: judgedBy(shape.expiresIn, anyNumber),
  retention: judgedBy(shape.retention, anyNumber),
  defaults: judgedBy(requestDefaultsSchema, jsonText),
  onInvalid: oneOf(['reject', 'fail']),
  open: trueOrFalse,
  dedupe: trueOrFalse,
  webhook: judgedBy(webhookSchema, jsonText),
};

export type QuerySettingsReader = (request: Request) => Settings;

/** Throws `query_invalid`, naming every parameter to mend, and where within it. */
export const createQuerySettingsReader =
  (rules: SettingsRules): QuerySettingsReader =>
  (request) => {
    const errors = createFieldErrors();
    const settings = readSettings(readQuery(request, settingsQuery), errors, rules);
    if (settings !== undefined && errors.count() === 0) return settings;
    throw new ApiError('query_invalid', 'the query is not valid; see errors', {
      members: { errors: errors.take().map(toParameterError) },
    });
  };

const toParameterError = ({ pointer, message }: FieldError): FaultOfQuery => {
  const [, parameter = '', ...inner] = pointer.split('/');
  return { parameter, ...(inner.length > 0 && { pointer: `/${inner.join('/')}` }), message };
};

type FaultOfQuery = {
  readonly parameter: string;
  /** Within it, where it is JSON. */
  readonly pointer?: string;
  readonly message: string;
};
