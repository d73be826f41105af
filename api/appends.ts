// Routes of open batches: append requests, seal.
import { Router, type RequestHandler } from 'express';
import type { BatchStore } from '../shared/batch-store.ts';
import type { Capacity } from '../shared/capacity.ts';
import { toBatchView } from './delivery/batch-view.ts';
import { findBatch } from './find-batch.ts';
import { requireJson } from './negotiation.ts';
import { readQuery } from './query.ts';
import { serve } from './routes.ts';
import { sendJson } from './send-json.ts';
import { refuseWhenFull } from './submission/admission.ts';
import { notOpen, type Appends } from './submission/append.ts';
import type { IncomingAppends } from './submission/incoming-append.ts';

export type AppendRouteDependencies = {
  readonly batches: BatchStore;
  readonly capacity: Capacity;
  readonly appends: Appends;
  readonly incomingAppends: IncomingAppends;
  /** Epoch ms, by the clock that batches are dated by. */
  readonly now: () => number;
};

export const createAppendRoutes = (dependencies: AppendRouteDependencies): Router => {
  const router = Router({ caseSensitive: true });
  const { capacity, incomingAppends } = dependencies;
  serve(router, '/:id/requests', {
    post: [
      requireJson,
      refuseWhereNotOpen(dependencies),
      refuseWhenFull(capacity),
      ...incomingAppends.receive,
      appendRequests(dependencies),
    ],
  });
  serve(router, '/:id/seal', { post: [requireJson, sealBatch(dependencies)] });
  return router;
};

/** Before the body is asked for. */
const refuseWhereNotOpen =
  ({ batches }: AppendRouteDependencies): RequestHandler =>
  async (request, response, next) => {
    const batch = await findBatch(batches, request, response);
    if (batch.isOpen !== true || batch.endedAt !== undefined) throw notOpen(batch);
    next();
  };

const appendRequests =
  ({ batches, appends, incomingAppends }: AppendRouteDependencies): RequestHandler =>
  async (request, response) => {
    const batch = await findBatch(batches, request, response);
    sendJson(response.status(202), await appends.append(batch, incomingAppends.open(request)));
  };

const sealBatch =
  ({ batches, appends, now }: AppendRouteDependencies): RequestHandler =>
  async (request, response) => {
    readQuery(request, {});
    const batch = await findBatch(batches, request, response);
    sendJson(response, toBatchView(await appends.seal(batch), now()));
  };
