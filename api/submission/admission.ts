// Turns submissions away while the store has no room for them, before a byte of them is asked for.
import type { RequestHandler } from 'express';
import type { Capacity, Crowding } from '../../shared/capacity.ts';
import { ApiError } from '../problem.ts';

/** One that has an Idempotency-Key is let in: it may have been accepted before. What has not, `requireRoom` must refuse. */
export const refuseWhenFull =
  (capacity: Capacity): RequestHandler =>
  async (request, _response, next) => {
    if (request.headers['idempotency-key'] === undefined) await requireRoom(capacity);
    next();
  };

export const requireRoom = async (capacity: Capacity): Promise<void> => {
  const crowding = await capacity.look();
  if (crowding !== undefined) throw toRefusal(crowding);
};

const toRefusal = (crowding: Crowding): ApiError => {
  if (crowding === 'memory') {
    return new ApiError('storage_full', 'the store is nearly full: wait until batches go, or delete some', {
      headers: { 'Retry-After': '30' },
    });
  }
  return new ApiError('backlog_full', 'too many requests wait already: wait until some are done', {
    headers: { 'Retry-After': '30' },
  });
};
