// The route of a batch's server-sent events.
import { Router, type Request, type RequestHandler } from 'express';
import type { BatchStore } from '../shared/batch-store.ts';
import { isTerminal } from '../shared/batch.ts';
import type { ResultStore } from '../shared/result-store.ts';
import { onceOver } from './connection-signal.ts';
import { batchPath } from './delivery/batch-view.ts';
import type { Watch } from './delivery/batch-watch.ts';
import { streamEvents } from './delivery/event-stream.ts';
import { endMark, eventTypes } from './delivery/event-text.ts';
import { createKeepAlive } from './delivery/keep-alive.ts';
import { resultFields } from './delivery/result-view.ts';
import { createSharedPages } from './delivery/shared-pages.ts';
import { findBatch } from './find-batch.ts';
import { negotiate } from './negotiation.ts';
import { ApiError } from './problem.ts';
import { listOf, readQuery, wholeNumber } from './query.ts';
import { serve } from './routes.ts';

export type EventDependencies = {
  readonly batches: BatchStore;
  readonly results: ResultStore;
  readonly watch: Watch;
  /** Epoch ms, by the clock that batches are dated by. */
  readonly now: () => number;
  /** Aborted when the API begins to stop. */
  readonly stopping: AbortSignal;
};

export const createEventRoutes = (dependencies: EventDependencies): Router => {
  const router = Router({ caseSensitive: true });
  serve(router, '/:id/events', { get: getEvents(dependencies) });
  return router;
};

/** An event tells of a result; the body is to be fetched. */
const eventFields = resultFields.filter((field) => field !== 'body');
// Sets that thousands who follow have in common.
const briefFields = new Set(['index', 'id', 'url', 'outcome', 'status', 'failure'] as const);
const allTypes = new Set(eventTypes);

export const eventQuery = {
  types: listOf(eventTypes),
  fields: listOf(eventFields),
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER),
};

const getEvents = ({ batches, results, watch, stopping, now }: EventDependencies): RequestHandler => {
  const keepAlive = createKeepAlive(':\n\n');
  const page = createSharedPages(results);
  return async (request, response) => {
    negotiate(request, response, ['text/event-stream']);
    const { types = allTypes, fields = briefFields, ...query } = readQuery(request, eventQuery);
    const last = readLastEventId(request);
    const batch = await findBatch(batches, request, response);
    // It has heard the end: 204 keeps a browser from coming back.
    if (last?.isEnd === true && isTerminal(batch)) {
      response.status(204).end();
      return;
    }
    const source = {
      types,
      after: last?.after ?? query.after ?? 0,
      page,
      view: { path: `${batchPath(batch.id)}/results`, fields },
      watch,
      keepAlive,
      now,
      onceOver: (listener: () => void): void => onceOver(response, listener, stopping),
    };
    request.resume(); // as a long poll does
    await streamEvents(response, batch, source);
  };
};

const readLastEventId = ({ headers }: Request): { after: number; isEnd: boolean } | undefined => {
  const field = headers['last-event-id'];
  if (field === undefined || field === '') return undefined;
  const [, digits] = new RegExp(`^(\\d{1,16})(?:${endMark})?$`).exec(String(field)) ?? [];
  const after = Number(digits);
  if (after <= Number.MAX_SAFE_INTEGER) return { after, isEnd: String(field).endsWith(endMark) };
  throw new ApiError(
    'last_event_id_invalid',
    'send the id of an event as it was received, or no Last-Event-ID',
  );
};
