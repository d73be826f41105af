// Routes under a batch that read its results.
import { Router, type RequestHandler, type Request, type Response } from 'express';
import type { BatchEvents } from '../shared/batch-events.ts';
import type { BatchStore } from '../shared/batch-store.ts';
import type { BatchId } from '../shared/batch.ts';
import type { BodyStore } from '../shared/body-store.ts';
import type { StoredResult } from '../shared/result.ts';
import type { ResultStore } from '../shared/result-store.ts';
import { signalOf } from './connection-signal.ts';
import { hangBell } from './delivery/bell.ts';
import { sendBody } from './delivery/body.ts';
import { batchPath } from './delivery/batch-view.ts';
import { sendCompressed } from './delivery/compression.ts';
import { csv } from './delivery/csv.ts';
import { ndjson } from './delivery/format.ts';
import { writePage } from './delivery/page.ts';
import { writeResults, type ViewOptions } from './delivery/result-view.ts';
import { readResultsQuery, type ResultsQuery } from './delivery/results-query.ts';
import { nameAnswer, sentBefore } from './delivery/settled.ts';
import { streamPageResults, streamResults, type StreamSource } from './delivery/stream.ts';
import { batchIdOf, findBatch } from './find-batch.ts';
import { negotiate } from './negotiation.ts';
import { ApiError } from './problem.ts';
import { readQuery } from './query.ts';
import { serve } from './routes.ts';

export type ResultDependencies = {
  readonly batches: BatchStore;
  readonly results: ResultStore;
  readonly bodies: BodyStore;
  readonly events: BatchEvents;
  /** Aborted when the API begins to stop. */
  readonly stopping: AbortSignal;
};

export const createResultRoutes = (dependencies: ResultDependencies): Router => {
  const router = Router({ caseSensitive: true });
  serve(router, '/:id/results', { get: getResults(dependencies) });
  serve(router, '/:id/results/:index', { get: getResult(dependencies) });
  serve(router, '/:id/results/:index/body', { get: getBody(dependencies) });
  return router;
};

const resultsPath = (id: BatchId): string => `${batchPath(id)}/results`;

const getResults =
  (dependencies: ResultDependencies): RequestHandler =>
  async (request, response) => {
    const query = readResultsQuery(request, response);
    if (query.follow) return await followResults(request, response, { ...dependencies, query });
    const { batches, results } = dependencies;
    const id = batchIdOf(request);
    const limit = Math.min(streamPageResults, query.limit);
    // With the batch, unless the batch may spare it.
    const isLater = request.get('If-None-Match') !== undefined;
    const [batch, first] = await Promise.all([
      findBatch(batches, request, response),
      isLater ? undefined : results.page(id, { ...query, limit }),
    ]);
    if (sentBefore(response, batch, query.form)) return;
    if (query.form === 'json') {
      const page = first ?? (await results.page(id, query));
      return await sendCompressed(response, await writePage(page, viewOf(id, query)));
    }
    await streamResults(response, { ...streamOf(id, query, results), first }, signalOf(response));
  };

// Where Redis takes longer to subscribe, results come later than they could, and none is missed.
const hangWithinMs = 1000;

/** All there are, and those to come until the batch ends. */
const followResults = async (
  request: Request,
  response: Response,
  { query, batches, results, events, stopping }: ResultDependencies & { readonly query: ResultsQuery },
): Promise<void> => {
  const batch = await findBatch(batches, request, response);
  if (sentBefore(response, batch, query.form)) return;
  const { id } = batch;
  const signal = signalOf(response, stopping);
  const bell = hangBell(events, id, signal);
  try {
    // What is recorded before it hangs is on the first page, what comes later is heard of.
    await bell.rung(hangWithinMs);
    await streamResults(response, { ...streamOf(id, query, results), bell }, signal);
  } finally {
    bell.stop();
  }
};

const viewOf = (id: BatchId, { fields }: ResultsQuery): ViewOptions => ({ path: resultsPath(id), fields });

const streamOf = (id: BatchId, query: ResultsQuery, results: ResultStore): StreamSource => {
  const { after, limit } = query;
  const view = viewOf(id, query);
  return {
    page: (from, size, tail) => results.page(id, { ...query, after: from, limit: size, tail }),
    after,
    limit,
    format: query.form === 'csv' ? csv(view) : ndjson(view),
    name: id,
  };
};

const getResult =
  (dependencies: ResultDependencies): RequestHandler =>
  async (request, response) => {
    negotiate(request, response, ['application/json']);
    readQuery(request, {});
    const { id } = await findBatch(dependencies.batches, request, response);
    const result = await findResult(dependencies.results, id, request);
    const [text] = await writeResults([result], { path: resultsPath(id) });
    nameAnswer(response, text ?? '');
    await sendCompressed(response, text ?? '');
  };

const getBody =
  (dependencies: ResultDependencies): RequestHandler =>
  async (request, response) => {
    readQuery(request, {});
    const { id } = await findBatch(dependencies.batches, request, response);
    const result = await findResult(dependencies.results, id, request);
    await sendBody(response, result, { id, bodies: dependencies.bodies });
  };

const maxIndex = 2 ** 31 - 1; // what the index of a batch can address

const findResult = async (results: ResultStore, id: BatchId, request: Request): Promise<StoredResult> => {
  const { index = '' } = request.params;
  const isIndex =
    typeof index === 'string' && /^(?:0|[1-9]\d{0,9})$/.test(index) && Number(index) <= maxIndex;
  const result = isIndex ? await results.get(id, Number(index)) : undefined;
  if (result === undefined) throw new ApiError('result_not_found', 'the batch has no request of this index');
  if (result !== 'pending') return result;
  throw new ApiError('result_pending', 'this request has no result yet', { headers: { 'Retry-After': '1' } });
};
