// The body of a retry: which of the failed results are tried again.
import { z } from 'zod';
import { acceptsStatus } from '../shared/accept-status.ts';
import { failureCodes } from '../shared/failure.ts';
import { idSchema, statusRangesSchema } from '../shared/request.ts';
import type { StoredResult } from '../shared/result.ts';
import { parseDocument, refuseUnsafe } from './submission/document.ts';
import { createFieldErrors } from './submission/field-errors.ts';
import { parseField } from './submission/field-rules.ts';

/** Whether a failed result is among those asked for. */
export type RetryFilter = (result: StoredResult) => boolean;

const maxNamed = 10_000;

export const retryFilterSchema = z.strictObject({
  codes: z
    .array(z.enum(failureCodes))
    .min(1)
    .max(failureCodes.length)
    .describe('Those that failed with one of these codes.')
    .optional(),
  statuses: statusRangesSchema.describe('Those with one of these statuses: `500-599,429`.').optional(),
  indexes: z.array(z.int().min(0)).min(1).max(maxNamed).optional(),
  ids: z.array(idSchema).min(1).max(maxNamed).optional(),
});

/** Reads `{codes?, statuses?, indexes?, ids?}`: a result must pass every one that is given; an empty body lets all pass. Throws ApiError. */
export const readRetryFilter = (bytes: Buffer): RetryFilter => {
  if (bytes.length === 0) return () => true;
  const written = parseDocument(bytes);
  const errors = createFieldErrors();
  refuseUnsafe(written, [], errors);
  const filter = parseField(retryFilterSchema, written, { path: [], errors });
  errors.throwIfAny();
  return filter === undefined ? () => false : toFilter(filter);
};

const toFilter = ({ codes, statuses, indexes, ids }: z.output<typeof retryFilterSchema>): RetryFilter => {
  const allowed = {
    codes: codes && new Set<string>(codes),
    indexes: indexes && new Set(indexes),
    ids: ids && new Set(ids),
  };
  return ({ failure, status, index, id }) =>
    (allowed.codes?.has(failure?.code ?? '') ?? true) &&
    (statuses === undefined || (status !== undefined && acceptsStatus(statuses, status))) &&
    (allowed.indexes?.has(index) ?? true) &&
    (allowed.ids === undefined || (id !== undefined && allowed.ids.has(id)));
};
