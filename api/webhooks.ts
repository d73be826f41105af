// Routes of a batch's webhook: what became of its events, and sending one again.
import { Router, type Request, type RequestHandler } from 'express';
import type { BatchStore } from '../shared/batch-store.ts';
import { isBatchId } from '../shared/batch.ts';
import { webhookEventNumber } from '../shared/webhook-event.ts';
import type { WebhookLog } from '../shared/webhook-log.ts';
import { toWebhookEventView, toWebhookView } from './delivery/webhook-view.ts';
import { findBatch } from './find-batch.ts';
import { negotiate, requireJson } from './negotiation.ts';
import { ApiError } from './problem.ts';
import { readQuery, textOf, wholeNumber, type ParameterReader } from './query.ts';
import { serve } from './routes.ts';
import { sendJson } from './send-json.ts';

export type WebhookDependencies = {
  readonly batches: BatchStore;
  readonly webhookLog: WebhookLog;
};

export const createWebhookRoutes = (dependencies: WebhookDependencies): Router => {
  const router = Router({ caseSensitive: true });
  serve(router, '/:id/webhooks', { get: getWebhook(dependencies) });
  serve(router, '/:id/webhooks/:event/resend', { post: [requireJson, resendEvent(dependencies)] });
  return router;
};

const maxPageLimit = 100;

/** `isOfBatch` knows the ids of events of one batch. */
export const webhookQueryOf = (
  isOfBatch: (text: string) => text is string,
): Readonly<{ limit: ParameterReader<number>; after: ParameterReader<string> }> => ({
  limit: wholeNumber(1, maxPageLimit),
  after: textOf(isOfBatch, 'the id of an event of this batch, as in next'),
});

const getWebhook =
  ({ batches, webhookLog }: WebhookDependencies): RequestHandler =>
  async (request, response) => {
    negotiate(request, response, ['application/json']);
    const query = webhookQueryOf((text): text is string => numberOf(request, text) !== undefined);
    const { limit = maxPageLimit, after = '' } = readQuery(request, query);
    const batch = await findBatch(batches, request, response);
    const page = await webhookLog.page(batch.id, { after: numberOf(request, after) ?? 0, limit });
    sendJson(response, toWebhookView(batch, page));
  };

const resendEvent =
  ({ batches, webhookLog }: WebhookDependencies): RequestHandler =>
  async (request, response) => {
    readQuery(request, {});
    const { id } = await findBatch(batches, request, response);
    const number = numberOf(request, request.params['event']);
    const isResent = number !== undefined && (await webhookLog.resend(id, number));
    const event = isResent ? await webhookLog.get(id, number) : undefined;
    if (event === undefined) throw new ApiError('event_not_found', 'the batch has no such event');
    sendJson(response.status(202), toWebhookEventView(id, event));
  };

/** Of the event of the batch in the path that `text` names; undefined where that has no such form. */
const numberOf = ({ params: { id } }: Request, text: unknown): number | undefined =>
  typeof id === 'string' && isBatchId(id) && typeof text === 'string'
    ? webhookEventNumber(id, text)
    : undefined;
