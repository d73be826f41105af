// The environment variable that says who may use the API.
import { z } from 'zod';

/** `name:key` pairs, comma-separated. */
export const apiKeys = z
  .string()
  .transform((text, context) => {
    const keys = text
      .split(',')
      .map((entry) => /^([A-Za-z0-9_.-]{1,64}):([\x21-\x7e]{16,256})$/.exec(entry.trim()));
    if (keys.includes(null)) {
      context.addIssue('must be name:key pairs, comma-separated, each key 16 to 256 printable characters');
      return z.NEVER;
    }
    return keys.flatMap((match) => (match === null ? [] : [{ name: match[1] ?? '', key: match[2] ?? '' }]));
  })
  .default([]);
