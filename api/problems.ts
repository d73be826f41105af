// The page of each problem code, to which the `type` of a problem leads: what it means, and what to do.
import { STATUS_CODES } from 'node:http';
import { Router, type RequestHandler } from 'express';
import { problemAdvice } from './openapi/problem-advice.ts';
import { ApiError, problemCodes, problemPath, problemStatuses, type ProblemCode } from './problem.ts';
import { readQuery } from './query.ts';
import { serve } from './routes.ts';

export const createProblemRoutes = (): Router => {
  const router = Router({ caseSensitive: true });
  serve(router, '/problems', { get: listProblems });
  serve(router, problemPath(':code'), { get: getProblem });
  return router;
};

const listProblems: RequestHandler = (request, response) => {
  readQuery(request, {});
  response.set(fields).send(problemCodes.map(describe).join('\n'));
};

const getProblem: RequestHandler = (request, response) => {
  readQuery(request, {});
  const { code } = request.params;
  const known = problemCodes.find((each) => each === code);
  if (known === undefined) throw new ApiError('route_not_found', 'there is no such problem code');
  response.set(fields).send(describe(known));
};

// The same for everybody, until another version is served here.
const fields = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'public, max-age=3600' };

const describe = (code: ProblemCode): string =>
  `${code} (${problemStatuses[code]} ${STATUS_CODES[problemStatuses[code]]})\n  ${problemAdvice[code]}\n`;
