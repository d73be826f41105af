// The id of a request: the caller's, or ours. It is in the answer and in what the log says of the request.
import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';

const header = 'X-Request-Id';
const acceptable = /^[\w.:+/=@-]{1,128}$/;

/** Answers with the `X-Request-Id` that was sent, where it is one to be logged safely, else with a new one. */
export const identifyRequest: RequestHandler = (request, response, next) => {
  const given = request.get(header) ?? '';
  response.setHeader(header, acceptable.test(given) ? given : randomUUID());
  next();
};

/** What `identifyRequest` chose. */
export const requestIdOf = (response: Response): string => response.get(header) ?? '';
