// Secrets that sign webhooks, as Standard Webhooks 1.0.0 writes them: `whsec_` and the base64 of 24 to 64 bytes.

const written = /^whsec_([A-Za-z0-9+/]+={0,2})$/;
const leastBytes = 24;
const mostBytes = 64;

/** What a secret must be, in the user's words. */
export const webhookSecretForm = `whsec_ and the base64 of ${leastBytes} to ${mostBytes} random bytes`;

/** The bytes to sign with; undefined where the text is no secret. */
export const webhookKeyOf = (secret: string): Buffer | undefined => {
  const base64 = written.exec(secret)?.[1];
  if (base64 === undefined || base64.length % 4 !== 0) return undefined;
  const key = Buffer.from(base64, 'base64');
  return key.length >= leastBytes && key.length <= mostBytes ? key : undefined;
};

export const isWebhookSecret = (text: string): boolean => webhookKeyOf(text) !== undefined;
