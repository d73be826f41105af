// Which pages of other origins may call the API from a browser (https://fetch.spec.whatwg.org/#http-cors-protocol).
import type { Request, RequestHandler, Response } from 'express';

const methods = 'GET, HEAD, POST, PUT, DELETE';
const requestHeaders =
  'Authorization, Content-Type, Content-Encoding, Idempotency-Key, If-None-Match, If-Range, Last-Event-ID, Range, X-Request-Id';
const responseHeaders =
  'Accept-Ranges, Content-Disposition, Content-Range, ETag, Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id';
const preflightSeconds = 600;

/** Lets pages of these `origins` in, or of any for `*`. They send their API key themselves: cookies are never asked for. */
export const allowOrigins = (origins: readonly string[]): RequestHandler => {
  const isOpen = origins.includes('*');
  return (request, response, next) => {
    const origin = request.get('origin');
    if (origins.length > 0 && !isOpen) response.vary('Origin');
    const isAllowed = origin !== undefined && (isOpen || origins.includes(origin));
    if (!isAllowed) return next();
    response.set('Access-Control-Allow-Origin', isOpen ? '*' : origin);
    if (isPreflight(request)) return answerPreflight(response);
    response.set('Access-Control-Expose-Headers', responseHeaders);
    next();
  };
};

const isPreflight = ({ method, headers }: Request): boolean =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;

/** Before anybody asks for a key: a browser sends none with it. */
const answerPreflight = (response: Response): void => {
  response.status(204).set({
    'Access-Control-Allow-Methods': methods,
    'Access-Control-Allow-Headers': requestHeaders,
    'Access-Control-Max-Age': String(preflightSeconds),
  });
  response.end();
};
