// Routes that steer a batch: cancel, pause, resume, retry.
import { Router, type Request, type RequestHandler } from 'express';
import type { BatchControl } from '../shared/batch-control.ts';
import type { BatchStore } from '../shared/batch-store.ts';
import { statusOf, type BatchRecord } from '../shared/batch.ts';
import { toBatchView } from './delivery/batch-view.ts';
import type { Dispatcher } from './dispatcher.ts';
import { findBatch } from './find-batch.ts';
import { requireJson } from './negotiation.ts';
import { ApiError } from './problem.ts';
import { readQuery } from './query.ts';
import { readRetryFilter } from './retry-filter.ts';
import { serve } from './routes.ts';
import { sendJson } from './send-json.ts';
import { bodyOf, receiveJson } from './submission/receive.ts';
import { defaultUploadPace } from './submission/upload-pace.ts';

export type ControlDependencies = {
  readonly batches: BatchStore;
  readonly control: BatchControl;
  readonly dispatcher: Dispatcher;
  /** Epoch ms, by the clock that batches are dated by. */
  readonly now: () => number;
};

export const createControlRoutes = (dependencies: ControlDependencies): Router => {
  const router = Router({ caseSensitive: true });
  serve(router, '/:id/cancel', { post: [requireJson, cancelBatch(dependencies)] });
  serve(router, '/:id/pause', { post: [requireJson, pauseBatch(dependencies)] });
  serve(router, '/:id/resume', { post: [requireJson, resumeBatch(dependencies)] });
  serve(router, '/:id/retry', { post: [requireJson, ...receiveFilter, retryBatch(dependencies)] });
  return router;
};

const maxFilterBytes = 4_194_304;

/** Takes the body in, where there is one. */
const receiveFilter = receiveJson({ maxBytes: maxFilterBytes, pace: defaultUploadPace }).map(
  (receive): RequestHandler =>
    (request, response, next) =>
      hasBody(request) ? receive(request, response, next) : next(),
);

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const cancelBatch =
  ({ batches, now }: ControlDependencies): RequestHandler =>
  async (request, response) => {
    readQuery(request, {});
    const { id } = await findBatch(batches, request, response);
    await batches.close(id, 'cancelled');
    sendJson(response, toBatchView(await findBatch(batches, request, response), now()));
  };

const pauseBatch =
  ({ batches, control, now }: ControlDependencies): RequestHandler =>
  async (request, response) => {
    readQuery(request, {});
    const { id } = await findBatch(batches, request, response);
    const isPaused = await control.pause(id);
    const batch = await findBatch(batches, request, response);
    if (!isPaused) throw new ApiError('batch_ended', 'the batch has ended: nothing of it is left to pause');
    sendJson(response, toBatchView(batch, now()));
  };

const resumeBatch =
  ({ batches, control, dispatcher, now }: ControlDependencies): RequestHandler =>
  async (request, response) => {
    readQuery(request, {});
    const { id } = await findBatch(batches, request, response);
    const isResumed = await control.resume(id);
    const batch = await findBatch(batches, request, response);
    if (!isResumed) throw new ApiError('batch_not_paused', 'the batch is not paused');
    dispatcher.dispatch(batch);
    sendJson(response, toBatchView(batch, now()));
  };

const retryBatch =
  ({ batches, control, dispatcher, now }: ControlDependencies): RequestHandler =>
  async (request, response) => {
    readQuery(request, {});
    const filter = readRetryFilter(bodyOf(request));
    const before = await findBatch(batches, request, response);
    const refusal = refusalOf(before);
    if (refusal !== undefined) throw refusal;
    const verdict = await control.retry(before.id, filter);
    const batch = await findBatch(batches, request, response);
    if (verdict === 'nothing') return sendJson(response, toBatchView(batch, now()));
    if (verdict !== 'retried') throw refusalOf(batch) ?? batchRunning();
    dispatcher.dispatch(batch);
    sendJson(response.status(202), toBatchView(batch, now()));
  };

const refusalOf = (batch: BatchRecord): ApiError | undefined => {
  const status = statusOf(batch);
  if (status === 'completed') return undefined;
  return status === 'cancelled' || status === 'expired'
    ? new ApiError('batch_closed', `the batch is ${status}: submit what is missing as a new batch`)
    : batchRunning();
};

const batchRunning = (): ApiError =>
  new ApiError('batch_running', 'the batch has not ended: retry it when it is completed');
