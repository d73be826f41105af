// Routes of batches: submit, list, read, wait, delete.
import { Router, type RequestHandler, type Response } from 'express';
import type { BatchStore } from '../shared/batch-store.ts';
import { batchStatuses, isBatchId, isTerminal, type BatchRecord } from '../shared/batch.ts';
import type { BodyStore } from '../shared/body-store.ts';
import type { Capacity } from '../shared/capacity.ts';
import { ownerOf } from './auth.ts';
import { onceOver } from './connection-signal.ts';
import { awaitEnd } from './delivery/await-end.ts';
import { endText } from './delivery/batch-text.ts';
import type { Watch } from './delivery/batch-watch.ts';
import { batchPath, toBatchView, type BatchPageView } from './delivery/batch-view.ts';
import { tagAnswer } from './delivery/settled.ts';
import { batchNotFound, findBatch } from './find-batch.ts';
import { requireJson } from './negotiation.ts';
import { ApiError } from './problem.ts';
import { oneOf, readQuery, textOf, wholeNumber } from './query.ts';
import { serve } from './routes.ts';
import { sendJson, sendJsonLine } from './send-json.ts';
import { refuseWhenFull, requireRoom } from './submission/admission.ts';
import type { Incoming } from './submission/incoming.ts';
import type { Submissions } from './submission/submit.ts';

export type BatchDependencies = {
  readonly batches: BatchStore;
  readonly bodies: BodyStore;
  readonly watch: Watch;
  readonly capacity: Capacity;
  readonly submissions: Submissions;
  readonly incoming: Incoming;
  /** Epoch ms, by the clock that batches are dated by. */
  readonly now: () => number;
  /** Aborted when the API begins to stop. */
  readonly stopping: AbortSignal;
};

export const createBatchRoutes = (dependencies: BatchDependencies): Router => {
  const router = Router({ caseSensitive: true });
  router.use(requireJson);
  serve(router, '/', {
    get: listBatches(dependencies),
    post: [
      refuseWhenFull(dependencies.capacity),
      ...dependencies.incoming.receive,
      submitBatch(dependencies),
    ],
  });
  serve(router, '/:id', { get: getBatch(dependencies), delete: deleteBatch(dependencies) });
  return router;
};

const submitBatch =
  ({ incoming, submissions, capacity, now }: BatchDependencies): RequestHandler =>
  async (request, response) => {
    const owner = ownerOf(response);
    const submission = incoming.open(request, owner);
    const { claim } = submission;
    // Before it is read: clients that send again should not cost what they cost at first.
    const known = claim && (await submissions.recall(claim));
    if (known === undefined && claim !== undefined) await requireRoom(capacity);
    const { batch, isReplayed } = known ?? (await submissions.submit(owner, await submission.read(), claim));
    if (isReplayed) response.set('Idempotency-Replayed', 'true');
    sendJson(response.status(202).location(batchPath(batch.id)), toBatchView(batch, now()));
  };

export const batchListQuery = {
  limit: wholeNumber(1, 100),
  after: textOf(isBatchId, 'the id of a batch'),
  status: oneOf(batchStatuses),
};

const listBatches =
  ({ batches, now }: BatchDependencies): RequestHandler =>
  async (request, response) => {
    const { limit = 20, ...filter } = readQuery(request, batchListQuery);
    const page = await batches.list({ owner: ownerOf(response), limit, ...filter });
    const view: BatchPageView = {
      batches: page.batches.map((batch) => toBatchView(batch, now())),
      next: page.next ?? null,
    };
    sendJson(response, view);
  };

export const batchQuery = { wait: wholeNumber(0, 60) };

const getBatch =
  ({ batches, watch, stopping, now }: BatchDependencies): RequestHandler =>
  async (request, response) => {
    const { wait = 0 } = readQuery(request, batchQuery);
    const batch = await findBatch(batches, request, response);
    if (wait === 0 || isTerminal(batch)) return sendBatch(response, batch, now);
    request.resume(); // to the end of a body that nobody sends: less is left to do when thousands are answered at once
    const waiting = {
      watch,
      read: () => findBatch(batches, request, response),
      timeoutMs: wait * 1000,
      onceOver: (giveUp: () => void): void => onceOver(response, giveUp, stopping),
    };
    sendBatch(response, await awaitEnd(batch.id, waiting), now);
  };

const sendBatch = (response: Response, batch: BatchRecord, now: () => number): void => {
  if (!isTerminal(batch)) return sendJson(response, toBatchView(batch, now()));
  const { line, tag } = endText(batch, now);
  tagAnswer(response, tag);
  sendJsonLine(response, line);
};

const deleteBatch =
  ({ batches, bodies }: BatchDependencies): RequestHandler =>
  async (request, response) => {
    readQuery(request, {});
    const { id, owner } = await findBatch(batches, request, response);
    const isRemoved = await batches.remove(id, owner);
    if (!isRemoved && (await batches.get(id, owner)) === undefined) throw batchNotFound();
    if (!isRemoved) throw new ApiError('batch_running', 'the batch has not ended; cancel it first');
    await bodies.removeAll(id);
    response.status(204).end();
  };
