// What Node's parser lets pass in the head of a message, and RFC 9112 or we do not.
import type { RequestHandler } from 'express';
import { ApiError } from './problem.ts';

/** Refuses a message without exactly one Host, and expectations that are not "100-continue". */
export const refuseBadHead: RequestHandler = (request, _response, next) => {
  const hosts = request.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
  // RFC 9112 §3.2; HTTP/1.0 knew no Host.
  if (hosts > 1 || (hosts === 0 && request.httpVersion !== '1.0')) {
    throw new ApiError('http_invalid', `the message has ${hosts} Host fields, and must have one`);
  }
  const { expect } = request.headers;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
    throw new ApiError('expectation_failed', 'the only expectation that can be met is 100-continue');
  }
  next();
};
