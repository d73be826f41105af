// Credentials of a request in words of their own, and the Authorization field they make (RFC 7617, RFC 6750).
import { z } from 'zod';

// So that the field stays within what headers may have, in UTF-8 and base64.
const maxLengths = { credential: 1000, token: 8000 } as const;

// RFC 7617 §2: no controls; a user name with a colon could not be told from its password.
const credential = z
  .string()
  .max(maxLengths.credential)
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'may not contain control characters')
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode');
const username = credential.regex(/^[^:]*$/, 'a user name may not contain a colon');

// Wider than RFC 6750 §2.1: what services call tokens is not always in its alphabet.
const token = z
  .string()
  .min(1)
  .max(maxLengths.token)
  .regex(/^[\u0021-\u007e]+$/, 'a token has only visible ASCII characters, and no spaces');

/** `{basic: {username, password}}` or `{bearer: token}`; one of them. */
export const authSchema = z
  .strictObject({
    basic: z.strictObject({ username, password: credential }).optional(),
    bearer: token.optional(),
  })
  .check(({ value: { basic, bearer }, issues, value }) => {
    if ((basic === undefined) !== (bearer === undefined)) return;
    issues.push({ code: 'custom', input: value, path: [], message: 'give either basic or bearer' });
  })
  .meta({
    minProperties: 1,
    maxProperties: 1,
    description: 'Makes the `Authorization` header, which does not follow a redirect to another origin.',
  });
export type Auth = z.infer<typeof authSchema>;

/** The value of the Authorization field; user name and password in UTF-8. */
export const authorizationOf = ({ basic, bearer }: Auth): string =>
  basic === undefined
    ? `Bearer ${bearer}`
    : `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`;
