// A path and what may be done with it. Other methods get 405 with Allow, OPTIONS gets Allow.
import type { RequestHandler, Router } from 'express';
import { ApiError } from './problem.ts';

export type Handlers = {
  readonly get?: RequestHandler;
  /** With several, each goes on to the next. */
  readonly post?: RequestHandler | readonly RequestHandler[];
  readonly put?: RequestHandler | readonly RequestHandler[];
  readonly delete?: RequestHandler;
};

/** Serves `path`; a GET handler serves HEAD as well. */
export const serve = (router: Router, path: string, handlers: Handlers): void => {
  const allow = [...Object.keys(handlers), ...(handlers.get === undefined ? [] : ['head']), 'options']
    .map((method) => method.toUpperCase())
    .join(', ');
  const route = router.route(path);
  route.options((_request, response) => void response.status(204).set('Allow', allow).end());
  if (handlers.get !== undefined) route.get(handlers.get);
  if (handlers.post !== undefined) route.post(...[handlers.post].flat());
  if (handlers.put !== undefined) route.put(...[handlers.put].flat());
  if (handlers.delete !== undefined) route.delete(handlers.delete);
  route.all((request) => {
    throw new ApiError('method_not_allowed', `${request.method} is not allowed here; allowed: ${allow}`, {
      headers: { Allow: allow },
    });
  });
};
