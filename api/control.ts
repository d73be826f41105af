// Routes that steer a batch: cancel, pause, resume.
import { Router, type RequestHandler } from 'express';
import type { BatchControl } from '../shared/batch-control.ts';
import type { BatchStore } from '../shared/batch-store.ts';
import { toBatchView } from './delivery/batch-view.ts';
import type { Dispatcher } from './dispatcher.ts';
import { findBatch } from './find-batch.ts';
import { requireJson } from './negotiation.ts';
import { ApiError } from './problem.ts';
import { readQuery } from './query.ts';
import { serve } from './routes.ts';
import { sendJson } from './send-json.ts';

export type ControlDependencies = {
  readonly batches: BatchStore;
  readonly control: BatchControl;
  readonly dispatcher: Dispatcher;
};

export const createControlRoutes = (dependencies: ControlDependencies): Router => {
  const router = Router({ caseSensitive: true });
  serve(router, '/:id/cancel', { post: [requireJson, cancelBatch(dependencies)] });
  serve(router, '/:id/pause', { post: [requireJson, pauseBatch(dependencies)] });
  serve(router, '/:id/resume', { post: [requireJson, resumeBatch(dependencies)] });
  return router;
};

const cancelBatch =
  ({ batches }: ControlDependencies): RequestHandler =>
  async (request, response) => {
    readQuery(request, {});
    const { id } = await findBatch(batches, request, response);
    await batches.close(id, 'cancelled');
    sendJson(response, toBatchView(await findBatch(batches, request, response)));
  };

const pauseBatch =
  ({ batches, control }: ControlDependencies): RequestHandler =>
  async (request, response) => {
    readQuery(request, {});
    const { id } = await findBatch(batches, request, response);
    const isPaused = await control.pause(id);
    const batch = await findBatch(batches, request, response);
    if (!isPaused) throw new ApiError('batch_ended', 'the batch has ended: nothing of it is left to pause');
    sendJson(response, toBatchView(batch));
  };

const resumeBatch =
  ({ batches, control, dispatcher }: ControlDependencies): RequestHandler =>
  async (request, response) => {
    readQuery(request, {});
    const { id } = await findBatch(batches, request, response);
    const isResumed = await control.resume(id);
    const batch = await findBatch(batches, request, response);
    if (!isResumed) throw new ApiError('batch_not_paused', 'the batch is not paused');
    dispatcher.dispatch(batch);
    sendJson(response, toBatchView(batch));
  };
