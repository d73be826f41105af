// What the caller wants back (RFC 9110 §12.5.1).
import type { Request, RequestHandler, Response } from 'express';
import { ApiError } from './problem.ts';

/** The media type to answer with; throws `not_acceptable` where the caller takes none of them. */
export const negotiate = <T extends string>(
  request: Request,
  response: Response,
  offered: readonly T[],
): T => {
  if (offered.length > 1) response.vary('Accept');
  const accepted = request.accepts([...offered]);
  const type = offered.find((each) => each === accepted);
  if (type !== undefined) return type;
  throw new ApiError('not_acceptable', `this is served as ${offered.join(' or ')}; mend the Accept header`);
};

/** For routes that speak JSON only. */
export const requireJson: RequestHandler = (request, response, next) => {
  negotiate(request, response, ['application/json']);
  next();
};
