// What an attempt to tell an event makes of it: delivered, to be tried again and when, or given up. Pure.
import type { DeliveryVerdict } from '../../shared/webhook-delivery-store.ts';
import type { Outcome } from '../outcome.ts';
import { headOf, retryAfterMs } from '../retry-after.ts';

const [second, minute, hour] = [1000, 60_000, 3_600_000];

/** Between one attempt and the next, ms: nine attempts within a day, which is how long a batch is usually kept. */
export const waitsMs: readonly number[] = [
  5 * second,
  minute,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  7 * hour,
  7 * hour,
];

/** By how much of itself a wait is longer or shorter, so that receivers that come back are not asked all at once. */
const spread = 0.1;

export type DeliverySituation = {
  /** Attempts before this one. */
  readonly tries: number;
  /** Undefined where nothing could be sent. */
  readonly outcome: Outcome | undefined;
  /** Epoch ms. */
  readonly now: number;
  /** From 0 up to 1, for jitter. */
  readonly random: number;
};

/** The status of the response counts, whatever becomes of its body. */
export const judge = ({ tries, outcome, now, random }: DeliverySituation): DeliveryVerdict => {
  const head = outcome && headOf(outcome);
  if (head !== undefined && head.status >= 200 && head.status < 300) return { status: 'delivered' };
  if (head?.status === 410) return { status: 'abandoned', isGone: true };
  const waitMs = waitsMs[tries];
  if (waitMs === undefined) return { status: 'failed' };
  const askedMs = (head && retryAfterMs(head, now)) ?? 0;
  const ownMs = waitMs * (1 - spread + 2 * spread * random);
  return { status: 'pending', afterMs: Math.max(ownMs, Math.min(askedMs, Math.max(...waitsMs))) };
};
