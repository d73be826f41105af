// JSON answers, each a line of its own, so that a terminal's prompt does not stick to them.
import type { Response } from 'express';

export const sendJson = (response: Response, value: unknown): void =>
  sendJsonText(response, JSON.stringify(value));

/** For text that is JSON already. */
export const sendJsonText = (response: Response, json: string, type?: string): void =>
  sendJsonLine(response, Buffer.from(`${json}\n`), type);

/**
 * For a whole line of JSON; 304 instead where the caller has it already, by the ETag that is set. Thousands may be sent
 * the same line at once, and `response.send` takes twice as long.
 */
export const sendJsonLine = (response: Response, line: Buffer, type = 'application/json'): void => {
  const { req: request } = response;
  // Asked first, since `fresh` looks up headers of the answer.
  const isConditional = request.headers['if-none-match'] !== undefined;
  if (isConditional && request.fresh) return void response.status(304).end();
  response.setHeader('Content-Type', `${type}; charset=utf-8`);
  response.setHeader('Content-Length', line.length);
  response.end(line); // of which Node.js leaves out the body where HEAD was asked
};
