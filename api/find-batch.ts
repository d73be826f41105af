// The batch that a path names, where it exists and belongs to the caller.
import type { Request, Response } from 'express';
import { isBatchId, type BatchId, type BatchRecord } from '../shared/batch.ts';
import type { BatchStore } from '../shared/batch-store.ts';
import { ownerOf } from './auth.ts';
import { ApiError } from './problem.ts';

/** Throws `batch_not_found`, with one and the same body for batches of others and those that never were. */
export const findBatch = async (
  batches: BatchStore,
  request: Request,
  response: Response,
): Promise<BatchRecord> => {
  const batch = await batches.get(batchIdOf(request), ownerOf(response));
  if (batch === undefined) throw batchNotFound();
  return batch;
};

/** Throws `batch_not_found` for what is the id of none. */
export const batchIdOf = (request: Request): BatchId => {
  const { id } = request.params;
  if (typeof id !== 'string' || !isBatchId(id)) throw batchNotFound();
  return id;
};

export const batchNotFound = (): ApiError => new ApiError('batch_not_found', 'there is no such batch');
