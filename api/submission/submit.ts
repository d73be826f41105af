// The story of a submission: save it, whole or part by part, seal it, put it on the queue. A sealed batch is never lost.
import { defaultPriority, newBatchId, type BatchRecord, type NewBatch } from '../../shared/batch.ts';
import type { Acceptance } from '../../shared/batch-intake.ts';
import type { BatchStore } from '../../shared/batch-store.ts';
import type { Capacity } from '../../shared/capacity.ts';
import type { Durability } from '../../shared/durability.ts';
import type { IdempotencyClaim, IdempotencyStore, Refusal } from '../../shared/idempotency-store.ts';
import { toSliceOptions } from '../../shared/request.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { ApiError } from '../problem.ts';
import { requireRoom } from './admission.ts';
import { withoutDuplicates } from './duplicates.ts';
import { toConflict } from './idempotency.ts';
import { takeIn, type Destination, type EntrySource } from './intake.ts';
import type { Settings } from './settings.ts';

/** What a caller submitted; its requests may still be coming. */
export type Submission = Settings & { readonly entries: EntrySource };

export type Submitted = {
  readonly batch: BatchRecord;
  /** It was accepted before, under the same Idempotency-Key. */
  readonly isReplayed: boolean;
};

export type Submissions = {
  /** What was submitted under this key before; undefined for nothing. Throws ApiError where the key cannot be used. */
  recall(claim: IdempotencyClaim): Promise<Submitted | undefined>;
  /** Resolves once the batch is accepted, and on disk where Redis can say so; its slices go on the queue meanwhile. */
  submit(owner: string, submission: Submission, claim?: IdempotencyClaim): Promise<Submitted>;
};

export type SubmitDependencies = {
  readonly batches: BatchStore;
  readonly idempotency: IdempotencyStore;
  readonly dispatcher: Dispatcher;
  readonly durability: Durability;
  readonly capacity: Capacity;
  /** Epoch ms, by the clock that batches are dated by. */
  readonly now: () => number;
  readonly limits: {
    readonly sliceSize: number;
    readonly expiresSeconds: number;
    readonly retentionSeconds: number;
  };
};

/** Bytes of URLs and bodies in a slice, unless one request has more. */
export const sliceBytes = 1_048_576;

export const createSubmissions = (dependencies: SubmitDependencies): Submissions => {
  const { batches, idempotency, dispatcher, durability, limits, now } = dependencies;
  const settle = async (submitted: Submitted): Promise<Submitted> => {
    if (!(await durability.settle())) throw notOnDisk();
    return submitted;
  };
  const replay = async (refusal: Refusal, claim: IdempotencyClaim): Promise<Submitted> => {
    if (refusal.is !== 'done') throw toConflict(refusal);
    if (refusal.digest !== (await claim.digest?.())) throw toConflict({ is: 'reused' });
    const batch = await batches.get(refusal.batchId, claim.owner);
    if (batch === undefined) throw toConflict(refusal);
    return await settle({ batch, isReplayed: true });
  };
  return {
    async recall(claim) {
      const refusal = await idempotency.settled(claim);
      return refusal && (await replay(refusal, claim));
    },
    async submit(owner, submission, claim) {
      const batch = { id: newBatchId(now()), owner, ...toNewBatch(submission, limits) };
      const { entries, duplicates } =
        submission.dedupe === true
          ? withoutDuplicates(submission.entries, submission.defaults)
          : { entries: submission.entries, duplicates: () => undefined };
      const acceptance = await takeIn(entries, toDestination(dependencies, { batch, claim, duplicates }), {
        size: limits.sliceSize,
        bytes: sliceBytes,
        priority: submission.defaults.priority ?? defaultPriority,
      });
      if (acceptance.is === 'accepted') {
        dispatcher.dispatch(acceptance.batch, acceptance.turn);
        return await settle({ batch: acceptance.batch, isReplayed: false });
      }
      if (claim === undefined) throw toConflict(acceptance);
      const refusal = acceptance.is === 'busy' ? await idempotency.settled(claim) : acceptance;
      return await replay(refusal ?? acceptance, claim);
    },
  };
};

type Writing = {
  readonly batch: NewBatch;
  readonly claim: IdempotencyClaim | undefined;
  /** How many were left out so far, where they are. */
  readonly duplicates: () => number | undefined;
};

const toDestination = (
  { batches, capacity }: SubmitDependencies,
  { batch, claim, duplicates }: Writing,
): Destination<Acceptance, Refusal> => ({
  accept: (slices) => batches.accept({ ...batch, duplicates: duplicates() }, slices, claim),
  begin: () => batches.begin(batch, claim),
  admit: () => requireRoom(capacity),
  savePart: (part) => batches.savePart(batch.id, part, claim),
  keep: () => batches.keep(batch.id, claim),
  seal: (size) => batches.seal({ ...batch, duplicates: duplicates() }, size, claim),
  discard: () => batches.discard(batch.id, claim),
});

export const notOnDisk = (): ApiError =>
  new ApiError(
    'store_unavailable',
    'the batch is not known to be on disk: send it again, with an Idempotency-Key so that there is only one',
    { headers: { 'Retry-After': '2' } },
  );

const toNewBatch = (
  submission: Submission,
  limits: SubmitDependencies['limits'],
): Omit<NewBatch, 'id' | 'owner'> => ({
  name: submission.name,
  metadata: submission.metadata,
  defaults: toSliceOptions(submission.defaults),
  priority: submission.priority,
  perHost: submission.perHost,
  notBefore: submission.notBefore,
  webhook: submission.webhook,
  isOpen: submission.open,
  expiresInSeconds: submission.expiresIn ?? limits.expiresSeconds,
  retentionSeconds: submission.retention ?? limits.retentionSeconds,
});
