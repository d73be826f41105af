// How many calls an owner may make: counted over all APIs, told in every answer.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10
import type { RequestHandler } from 'express';
import type { CallBudget, Spent } from '../shared/call-budget.ts';
import { isRedisOutage } from '../shared/redis-outage.ts';
import { ownerOf } from './auth.ts';
import { ApiError } from './problem.ts';

const policy = 'calls';

/** Refuses what is over `perMinute` with 429; with 0, refuses nothing and says nothing. */
export const limitCalls = (budget: CallBudget, perMinute: number): RequestHandler => {
  if (perMinute === 0) return (_request, _response, next) => next();
  return async (_request, response, next) => {
    const spent = await budget.spend(ownerOf(response), perMinute).catch(passOutage);
    if (spent === undefined) return next();
    const { left, secondsUntilMore } = spent;
    response.set({
      'RateLimit-Policy': `"${policy}";q=${perMinute};w=60`,
      RateLimit: `"${policy}";r=${Math.max(0, left)};t=${secondsUntilMore}`,
    });
    if (left < 0) {
      throw new ApiError(
        'rate_limited',
        `more than ${perMinute} calls a minute; wait ${secondsUntilMore} s`,
        {
          headers: { 'Retry-After': String(secondsUntilMore) },
        },
      );
    }
    next();
  };
};

/** Where Redis is away, whoever is called says so, if need be. */
const passOutage = (error: unknown): Spent | undefined => {
  if (isRedisOutage(error)) return undefined;
  throw error;
};
