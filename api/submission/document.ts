// From the bytes of a JSON body to an object that is safe to walk. Knows nothing of what a batch is.
import { isUtf8 } from 'node:buffer';
import { ApiError } from '../problem.ts';
import { pointerTo, type FieldErrors, type FieldPath } from './field-errors.ts';

/** Levels of nesting a body may have: few enough to be walked by recursion. */
export const maxDepth = 32;

// `{}` takes three bytes of text and some sixty of memory: 128 MB of it would take the process down.
const maxContainers = 8_000_000;
const unboundedBytes = 8_388_608;

export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses a UTF-8 JSON document (a byte order mark is let pass) whose top level is an object; throws ApiError. */
export const parseDocument = (bytes: Buffer): JsonObject => {
  if (!isUtf8(bytes)) throw notJson('body_invalid_utf8', 'the body is not valid UTF-8');
  if (bytes.length > unboundedBytes && countContainers(bytes) > maxContainers) {
    throw new ApiError('body_too_large', `the body has more than ${maxContainers} arrays and objects`);
  }
  const value = parseText(bytes.toString('utf8', hasByteOrderMark(bytes) ? 3 : 0));
  if (!isObject(value)) throw notJson('body_invalid_json', 'the body must be a JSON object');
  return value;
};

const hasByteOrderMark = (bytes: Buffer): boolean =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

const parseText = (text: string): unknown => {
  if (text.trim() === '') throw notJson('body_invalid_json', 'the body is empty');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw notJson('body_invalid_json', `the body is not valid JSON: ${(error as SyntaxError).message}`);
  }
};

const notJson = (code: 'body_invalid_utf8' | 'body_invalid_json', message: string): ApiError =>
  new ApiError(code, message, { members: { errors: [{ pointer: '', message }] } });

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const countContainers = (bytes: Buffer): number => {
  let count = 0;
  let isInString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === 0x22) isInString = !isInString;
    else if (isInString) at += byte === 0x5c ? 1 : 0;
    else if (byte === 0x5b || byte === 0x7b) count += 1;
  }
  return count;
};

/** Adds an error for a `__proto__` key anywhere in `value`; throws `body_too_deep` before it recurses too far. */
export const refuseUnsafe = (value: unknown, field: FieldPath, errors: FieldErrors): void => {
  walk(value, field, { errors, field });
};

const walk = (value: unknown, path: FieldPath, context: { errors: FieldErrors; field: FieldPath }): void => {
  if (typeof value !== 'object' || value === null) return;
  if (path.length >= maxDepth) throw tooDeep(context.field);
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__') context.errors.add([...path, key], 'the name __proto__ is not allowed');
    if (typeof inner === 'object' && inner !== null) walk(inner, [...path, key], context);
  }
};

const tooDeep = (field: FieldPath): ApiError => {
  const message = `nested too deep: at most ${maxDepth} levels are allowed`;
  return new ApiError('body_too_deep', message, {
    members: { errors: [{ pointer: pointerTo(field), message }] },
  });
};
