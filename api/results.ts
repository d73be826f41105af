// Routes under a batch that read its results.
import { Router, type RequestHandler, type Request } from 'express';
import type { BatchStore } from '../shared/batch-store.ts';
import type { BatchId } from '../shared/batch.ts';
import type { BodyStore } from '../shared/body-store.ts';
import { outcomes, type StoredResult } from '../shared/result.ts';
import type { ResultStore } from '../shared/result-store.ts';
import { signalOf } from './connection-signal.ts';
import { sendBody } from './delivery/body.ts';
import { batchPath } from './delivery/batch-view.ts';
import { defaultPageLimit, maxPageLimit, writePage } from './delivery/page.ts';
import { resultFields, writeResults } from './delivery/result-view.ts';
import { streamResults } from './delivery/stream.ts';
import { findBatch } from './find-batch.ts';
import { negotiate } from './negotiation.ts';
import { ApiError } from './problem.ts';
import { listOf, oneOf, readQuery, wholeNumber } from './query.ts';
import { serve } from './routes.ts';
import { sendJsonText, sendSettledJson } from './send-json.ts';

export type ResultDependencies = {
  readonly batches: BatchStore;
  readonly results: ResultStore;
  readonly bodies: BodyStore;
};

export const createResultRoutes = (dependencies: ResultDependencies): Router => {
  const router = Router({ caseSensitive: true });
  serve(router, '/:id/results', { get: getResults(dependencies) });
  serve(router, '/:id/results/:index', { get: getResult(dependencies) });
  serve(router, '/:id/results/:index/body', { get: getBody(dependencies) });
  return router;
};

const resultsPath = (id: BatchId): string => `${batchPath(id)}/results`;

const getResults = ({ batches, results }: ResultDependencies): RequestHandler => {
  const common = {
    after: wholeNumber(0, Number.MAX_SAFE_INTEGER),
    outcome: oneOf(outcomes),
    fields: listOf(resultFields),
  };
  const pageQuery = { ...common, limit: wholeNumber(1, maxPageLimit) };
  const streamQuery = { ...common, limit: wholeNumber(1, Number.MAX_SAFE_INTEGER) };
  return async (request, response) => {
    const type = negotiate(request, response, ['application/json', 'application/x-ndjson']);
    const isPage = type === 'application/json';
    const query = readQuery(request, isPage ? pageQuery : streamQuery);
    const { id } = await findBatch(batches, request, response);
    const { after = 0, outcome } = query;
    const view = { path: resultsPath(id), fields: query.fields };
    if (isPage) {
      const page = await results.page(id, { after, outcome, limit: query.limit ?? defaultPageLimit });
      sendJsonText(response, await writePage(page, view));
      return;
    }
    const limit = query.limit ?? Number.MAX_SAFE_INTEGER;
    const page = (from: number, size: number): ReturnType<ResultStore['page']> =>
      results.page(id, { after: from, outcome, limit: size });
    await streamResults(response, { page, after, limit, view }, signalOf(response));
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
    sendSettledJson(response, text ?? '');
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
