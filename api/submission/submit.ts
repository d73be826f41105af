// The story of a submission: save it, whole or part by part, seal it, put it on the queue. A sealed batch is never lost.
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Acceptance, BatchIntake } from '../../shared/batch-intake.ts';
import { defaultPriority, newBatchId, type BatchRecord, type NewBatch } from '../../shared/batch.ts';
import type { BatchStore } from '../../shared/batch-store.ts';
import type { Durability } from '../../shared/durability.ts';
import type { IdempotencyClaim, IdempotencyStore, Refusal } from '../../shared/idempotency-store.ts';
import { toSliceOptions, type SliceRequest } from '../../shared/request.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { ApiError } from '../problem.ts';
import { toSliceRequest, type Entry } from './entry.ts';
import { toConflict } from './idempotency.ts';
import type { Submission } from './json.ts';
import { planSlices, weightOf, type SliceLimits } from './plan-slices.ts';

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
  readonly limits: {
    readonly sliceSize: number;
    readonly expiresSeconds: number;
    readonly retentionSeconds: number;
  };
};

// Bounds of one script call and of what is copied at a time; bodies may make a few requests heavy.
const partRequests = 5000;
const partBytes = 8_388_608;
const sliceBytes = 1_048_576;

export const createSubmissions = (dependencies: SubmitDependencies): Submissions => {
  const { batches, idempotency, dispatcher, durability, limits } = dependencies;
  const settle = async (submitted: Submitted): Promise<Submitted> => {
    if (!(await durability.settle())) throw notOnDisk();
    return submitted;
  };
  const replay = async (refusal: Refusal, owner: string): Promise<Submitted> => {
    const batch = refusal.is === 'done' ? await batches.get(refusal.batchId, owner) : undefined;
    if (batch === undefined) throw toConflict(refusal);
    return await settle({ batch, isReplayed: true });
  };
  return {
    async recall(claim) {
      const refusal = await idempotency.settled(claim);
      return refusal && (await replay(refusal, claim.owner));
    },
    async submit(owner, submission, claim) {
      const batch = toNewBatch(owner, submission, limits);
      const acceptance = await save(
        batches,
        { batch, entries: submission.entries, claim },
        {
          size: limits.sliceSize,
          bytes: sliceBytes,
          priority: submission.defaults.priority ?? defaultPriority,
        },
      );
      if (acceptance.is === 'accepted') {
        dispatcher.dispatch(acceptance.batch);
        return await settle({ batch: acceptance.batch, isReplayed: false });
      }
      const isBusy = acceptance.is === 'busy' && claim !== undefined;
      const refusal = isBusy ? await idempotency.settled(claim) : acceptance;
      return await replay(refusal ?? acceptance, owner);
    },
  };
};

const notOnDisk = (): ApiError =>
  new ApiError(
    'store_unavailable',
    'the batch is not known to be on disk: send it again, with an Idempotency-Key so that there is only one',
    { headers: { 'Retry-After': '2' } },
  );

const toNewBatch = (
  owner: string,
  submission: Submission,
  limits: SubmitDependencies['limits'],
): NewBatch => ({
  id: newBatchId(),
  owner,
  name: submission.name,
  metadata: submission.metadata,
  defaults: toSliceOptions(submission.defaults),
  priority: submission.priority,
  perHost: submission.perHost,
  notBefore: submission.notBefore,
  webhook: submission.webhook,
  expiresInSeconds: submission.expiresIn ?? limits.expiresSeconds,
  retentionSeconds: submission.retention ?? limits.retentionSeconds,
});

type Intake = {
  readonly batch: NewBatch;
  readonly entries: readonly Entry[];
  readonly claim: IdempotencyClaim | undefined;
};

/** In one step where it fits. */
const save = async (batches: BatchIntake, intake: Intake, limits: SliceLimits): Promise<Acceptance> => {
  const { batch, entries, claim } = intake;
  const [first = []] = partsOf(entries);
  if (first.length === entries.length) return await batches.accept(batch, planSlices(first, limits), claim);
  const refusal = await batches.begin(batch, claim);
  if (refusal !== undefined) return refusal;
  try {
    return await saveParts(batches, intake, limits);
  } catch (error) {
    // What would fill a full store further until it vanished by itself.
    await batches.discard(batch.id, claim).catch(() => {});
    throw error;
  }
};

const saveParts = async (
  batches: BatchIntake,
  { batch, entries, claim }: Intake,
  limits: SliceLimits,
): Promise<Acceptance> => {
  let firstSlice = 0;
  for (const part of partsOf(entries)) {
    const slices = planSlices(part, limits);
    const refusal = await batches.savePart(batch.id, { firstSlice, slices }, claim);
    if (refusal !== undefined) return refusal;
    firstSlice += slices.length;
    await yieldToOthers();
  }
  return await batches.seal(batch, { total: entries.length, slices: firstSlice }, claim);
};

const partsOf = function* (entries: readonly Entry[]): Generator<SliceRequest[]> {
  let part: SliceRequest[] = [];
  let bytes = 0;
  for (const [index, entry] of entries.entries()) {
    const request = toSliceRequest(entry, index);
    part.push(request);
    bytes += weightOf(request);
    if (part.length < partRequests && bytes < partBytes) continue;
    yield part;
    part = [];
    bytes = 0;
  }
  if (part.length > 0) yield part;
};
