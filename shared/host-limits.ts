// How much of a host one may ask for: the limits, as a user writes them and as they are kept.
import { z } from 'zod';

/** At most so many requests in flight to a host, and so many started a period, over all workers; what is left out is not limited here. */
export const hostLimitsSchema = z.strictObject({
  concurrency: z
    .int()
    .min(1)
    .max(10_000)
    .describe('Requests in flight at most, over all workers.')
    .optional(),
  rate: z
    .strictObject({
      requests: z.int().min(1).max(1_000_000),
      periodMs: z.int().min(1).max(86_400_000),
    })
    .describe('So many requests begin in any such period.')
    .optional(),
});

/** Limits of one host: `concurrency` requests in flight at most, and `rate.requests` started in any `rate.periodMs`. */
export type HostLimits = {
  readonly concurrency?: number | undefined;
  readonly rate?: { readonly requests: number; readonly periodMs: number } | undefined;
};
