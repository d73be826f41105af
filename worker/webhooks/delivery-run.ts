// The story of one job: may this event be told now, to whom, signed with what, and what did it come to?
import { randomUUID } from 'node:crypto';
import type { BatchRecord } from '../../shared/batch.ts';
import type { BatchStore } from '../../shared/batch-store.ts';
import { failure } from '../../shared/failure.ts';
import type { Logger } from '../../shared/logger.ts';
import { originOf } from '../../shared/origin.ts';
import type { DeliveryStore } from '../../shared/webhook-delivery-store.ts';
import { webhookEventId, type DeliveryAttempt, type WebhookEvent } from '../../shared/webhook-event.ts';
import type { Delivery } from '../../shared/webhook-queue.ts';
import type { Attempt, Outcome, ResolvedRequest } from '../outcome.ts';
import { headOf } from '../retry-after.ts';
import { toPayload } from './payload.ts';
import { createReceivers } from './receivers.ts';
import { signatureFields } from './signature.ts';
import { judge } from './verdict.ts';

/** What becomes of the job. */
export type DeliveryEnd =
  | { readonly is: 'done' }
  | { readonly is: 'later'; readonly afterMs: number }
  | { readonly is: 'handBack' };

/** `abandon` ends an attempt under way, as if there had been none. */
export type DeliveryRun = (delivery: Delivery, abandon: AbortSignal) => Promise<DeliveryEnd>;

export type DeliveryRunDeps = {
  readonly batches: Pick<BatchStore, 'get'>;
  readonly store: DeliveryStore;
  readonly attempt: Attempt;
  /** Those of the service, for batches that bring none. */
  readonly secrets: readonly string[];
  readonly logger: Logger;
  /** Epoch ms. */
  readonly now: () => number;
  readonly random: () => number;
};

const timeoutMs = 15_000;
/** An attempt is over by then, or its worker is. */
const claimMs = timeoutMs + 5000;

export const createDeliveryRun = (deps: DeliveryRunDeps): DeliveryRun => {
  const receivers = createReceivers(deps);
  return async (delivery, abandon) => {
    const batch = await deps.batches.get(delivery.batchId);
    if (batch?.webhook === undefined) return { is: 'done' };
    const { url } = batch.webhook;
    const place = receivers.enter(originOf(url));
    if ('afterMs' in place) return { is: 'later', afterMs: place.afterMs };
    try {
      return await tellOrWait(deps, { delivery, batch, url }, abandon);
    } finally {
      place.leave();
    }
  };
};

type Told = { readonly delivery: Delivery; readonly batch: BatchRecord; readonly url: string };

const tellOrWait = async (deps: DeliveryRunDeps, told: Told, abandon: AbortSignal): Promise<DeliveryEnd> => {
  const { store, now, random, logger } = deps;
  const { delivery } = told;
  const name = randomUUID();
  const claim = await store.claim(delivery, name, claimMs);
  if (claim.is !== 'tell') return claim;
  const startedAt = now();
  const outcome = await tell(deps, told, claim.event, abandon);
  if (abandon.aborted && (outcome === undefined || headOf(outcome) === undefined)) {
    await store.giveUp(delivery, name);
    return { is: 'handBack' };
  }
  const verdict = judge({ tries: claim.tries, outcome, now: now(), random: random() });
  const entry = toEntry(outcome, startedAt);
  await store.note(delivery, name, { entry, verdict });
  logger.info({ delivery, attempt: entry, verdict }, 'told a webhook of an event');
  return verdict.afterMs === undefined ? { is: 'done' } : { is: 'later', afterMs: verdict.afterMs };
};

/** Undefined where there is nothing to sign with. */
const tell = async (
  { store, attempt, secrets, now }: DeliveryRunDeps,
  { delivery, batch, url }: Told,
  event: WebhookEvent,
  abandon: AbortSignal,
): Promise<Outcome | undefined> => {
  const own = await store.secrets(batch.id);
  const signing = own.secret === undefined ? secrets : [own.secret];
  if (signing.length === 0) return undefined;
  const body = toPayload(batch, event);
  const id = webhookEventId(batch.id, delivery.event);
  const headers = {
    ...own.headers,
    'content-type': 'application/json',
    ...signatureFields(body, { id, at: now(), secrets: signing }),
  };
  const request = { ...asTold, url, headers, body };
  return await new Promise((resolve) => {
    attempt({ request, owner: batch.owner, signal: abandon }, resolve);
  });
};

/** One try, no redirects; of the answer the status counts, and as much of the body is read as keeps its connection open. */
const asTold: Omit<ResolvedRequest, 'url'> = {
  index: 0,
  method: 'POST',
  headers: {},
  timeoutMs,
  maxBodyBytes: 65_536,
  onBodyTooLarge: 'truncate',
  maxRedirects: 0,
  maxAttempts: 1,
  retries: { throttled: 0, network: 0, status: 0 },
  retryUnsafe: true,
  acceptStatus: '200-299',
  connection: 'auto',
  http2: false,
};

const toEntry = (outcome: Outcome | undefined, startedAt: number): DeliveryAttempt => {
  if (outcome === undefined) return { startedAt, durationMs: 0, failure: unsigned };
  const durationMs = outcome.timings.totalMs;
  const status = headOf(outcome)?.status;
  if (status !== undefined) return { startedAt, durationMs, status };
  return { startedAt, durationMs, ...(outcome.kind === 'failure' && { failure: outcome.failure }) };
};

const unsigned = failure(
  'internal',
  'nothing to sign with: FETCHFLEET_WEBHOOK_SECRET is set on the API, but not on this worker',
);
