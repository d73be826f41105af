// The variables that are numbers: how they are written.
import { z } from 'zod';

export const integer = (min: number, max: number, fallback: number): z.ZodType<number> =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .default(fallback);
