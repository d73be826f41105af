// Every Redis key name. A batch's keys share the hash tag {batchId}, so that one script can be atomic about a batch.
import type { BatchId } from './batch.ts';

/** The keys of one batch; `all` is every one of them, for retention and deletion. */
export type BatchKeys = {
  /** hash: the record of the batch and its counts */
  readonly meta: string;
  /** hash: slice number → packed requests */
  readonly slices: string;
  /** string of u32 (big-endian), one per request: where it is. See locator.ts. */
  readonly index: string;
  /** hash: segment number → packed results */
  readonly segments: string;
  /** hash: slice number → how many of its requests a worker holds; g and slice number → for a job of which generation */
  readonly claims: string;
  /** hash: slice number → packed attempts of its unfinished requests */
  readonly attempts: string;
  /** hash: slice number → index of its request that runs alone, and after how many stalls; slice:index → workers that died of it */
  readonly suspects: string;
  /** hash: what happened that the batch's webhook is to hear of, and what became of it. See scripts/note-delivery.ts. */
  readonly webhooks: string;
  /** string of u32, one per request that is being appended: where it will be. See append-store.ts. */
  readonly appended: string;
  /** hash: what an append to this open batch is known by → how many requests it had, and the digest of its body */
  readonly appends: string;
  readonly all: readonly string[];
  /** pub/sub channel: a message when counts move, and one at the end, with the batch as it is then */
  readonly channel: string;
};

export type Keys = {
  batch(id: BatchId): BatchKeys;
  /** sorted set: batch ids of one owner, scored by creation, epoch ms */
  batches(owner: string): string;
  /** hash: the batch that an Idempotency-Key of this owner made, or is making. See scripts/idempotency.ts. */
  idempotency(owner: string, key: string): string;
  /** string: when an owner's bucket of calls is full again, epoch ms. See scripts/spend-call.ts. */
  calls(owner: string): string;
  /** hash: how many results were ever recorded, by outcome, and the failed ones by their code. See scripts/record.ts. */
  readonly results: string;
  /** sorted set: sealed batches whose slices may not all be on the queue yet, scored by when a worker is to see to it, epoch ms */
  readonly outbox: string;
  /** sorted set: unfinished batches, scored by expiry, epoch ms */
  readonly deadlines: string;
  /** sorted set, all scores equal: `<owner>:<batch id>` of every unfinished batch */
  readonly unfinished: string;
  /** sorted set: `<owner>:<batch id>` of every batch that has ended, scored by when it has gone, epoch ms */
  readonly retained: string;
  /**
   * sorted set: `<batch id>:<number>` of webhook events that are not settled, scored by when a worker is to see that they
   * are on their way, epoch ms; and a pub/sub channel: there is another
   */
  readonly undelivered: string;
  /** string: the virtual time of the queue, the highest tag of a slice taken so far. See turn.ts. */
  readonly clock: string;
  /** pub/sub channel: ids of batches ended before their requests were */
  readonly ended: string;
  /** pub/sub channel: ids of batches that have come onto the queue */
  readonly queued: string;
  /** pub/sub channel: ids of batches that were paused */
  readonly paused: string;
  /** hash: what is known of a host, and who has permits of it; `name` as in permit-store.ts */
  host(name: string): string;
  /** sorted set: job ids of slices that wait until a host has room, the first lowest */
  parked(name: string): string;
  /** sorted set, all scored 0: the hosts of which something is known */
  readonly hosts: string;
  /** hash: host → the limits an operator set for it, JSON */
  readonly hostLimits: string;
  /** pub/sub channel: what the workers tell each other of hosts */
  readonly hostEvents: string;
  /** sorted set: worker → its last sign of life, epoch ms */
  readonly workers: string;
  /** string: while it exists nobody is taken for dead, since Redis was away a moment ago */
  readonly truce: string;
  /** string: written, and gone at once, to learn when what came before it is on disk. See durability.ts. */
  readonly diskMark: string;
  /** pub/sub channel of one worker: it listens as long as it lives */
  worker(name: string): string;
  /** prefix of BullMQ's own keys */
  readonly queuePrefix: string;
};

export const createKeys = (prefix: string): Keys => ({
  batch: (id) => batchKeys(prefix, id),
  batches: (owner) => `${prefix}:batches:${owner}`,
  idempotency: (owner, key) => `${prefix}:idempotency:${owner}:${key}`,
  calls: (owner) => `${prefix}:calls:${owner}`,
  results: `${prefix}:results`,
  outbox: `${prefix}:outbox`,
  deadlines: `${prefix}:deadlines`,
  unfinished: `${prefix}:unfinished`,
  retained: `${prefix}:retained`,
  undelivered: `${prefix}:undelivered`,
  clock: `${prefix}:clock`,
  ended: `${prefix}:ended`,
  queued: `${prefix}:queued`,
  paused: `${prefix}:paused`,
  host: (name) => `${prefix}:host:${name}`,
  parked: (name) => `${prefix}:parked:${name}`,
  hosts: `${prefix}:hosts`,
  hostLimits: `${prefix}:host-limits`,
  hostEvents: `${prefix}:host-events`,
  workers: `${prefix}:workers`,
  truce: `${prefix}:truce`,
  diskMark: `${prefix}:disk-mark`,
  worker: (name) => `${prefix}:worker:${name}`,
  queuePrefix: prefix,
});

const batchKeys = (prefix: string, id: BatchId): BatchKeys => {
  const base = `${prefix}:{${id}}`;
  const keys = {
    meta: `${base}:meta`,
    slices: `${base}:slices`,
    index: `${base}:index`,
    segments: `${base}:segments`,
    claims: `${base}:claims`,
    attempts: `${base}:attempts`,
    suspects: `${base}:suspects`,
    webhooks: `${base}:webhooks`,
    appended: `${base}:appended`,
    appends: `${base}:appends`,
  };
  return { ...keys, all: Object.values(keys), channel: `${base}:events` };
};
