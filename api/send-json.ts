// JSON answers, each a line of its own, so that a terminal's prompt does not stick to them.
import type { Response } from 'express';

export const sendJson = (response: Response, value: unknown): void =>
  sendJsonText(response, JSON.stringify(value));

/** For text that is JSON already. */
export const sendJsonText = (response: Response, json: string, type = 'application/json'): void => {
  response.type(type).send(`${json}\n`);
};
