// JSON answers, each a line of its own, so that a terminal's prompt does not stick to them.
import { createHash } from 'node:crypto';
import type { Response } from 'express';

export const sendJson = (response: Response, value: unknown): void =>
  sendJsonText(response, JSON.stringify(value));

/** For text that is JSON already. */
export const sendJsonText = (response: Response, json: string, type = 'application/json'): void => {
  response.type(type).send(`${json}\n`);
};

/** For what will not change any more, but by what its owner does to it: the caller may ask whether it still holds (RFC 9110 §13.1.2). */
export const sendSettledJson = (response: Response, json: string): void => {
  const digest = createHash('sha256').update(json).digest('base64url').slice(0, 22);
  // Express answers 304 where the caller has this one.
  response.set({ ETag: `"${digest}"`, 'Cache-Control': 'private, no-cache' });
  sendJsonText(response, json);
};
