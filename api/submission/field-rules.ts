// Runs zod schemas and says what they found in the user's words, at the right pointer.
import type { z } from 'zod';
import type { FieldErrors, FieldPath } from './field-errors.ts';

/** The parsed value; undefined where errors were added. */
export const parseField = <T>(
  schema: z.ZodType<T>,
  value: unknown,
  at: { readonly path: FieldPath; readonly errors: FieldErrors },
): T | undefined => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) addIssue(issue, at);
  return undefined;
};

const addIssue = (
  issue: z.core.$ZodIssue,
  { path, errors }: { path: FieldPath; errors: FieldErrors },
): void => {
  const field = [...path, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) errors.add([...field, key], 'not a field that is known here');
  } else {
    errors.add(field, describe(issue));
  }
};

const describe = (issue: z.core.$ZodIssue): string => {
  const message = issue.message.replace(/^Invalid (input|option): /, '').replace(/^Too (big|small): /, '');
  return message.endsWith('received undefined')
    ? `is required: ${message.slice(0, message.lastIndexOf(','))}`
    : message;
};
