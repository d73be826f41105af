// The story of a submission: save it part by part, seal it, put it on the queue. A sealed batch is never lost.
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import {
  defaultPriority,
  newBatchId,
  type BatchId,
  type BatchRecord,
  type NewBatch,
} from '../../shared/batch.ts';
import type { BatchStore } from '../../shared/batch-store.ts';
import { toSliceOptions, type SliceRequest } from '../../shared/request.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { toSliceRequest, type Entry } from './entry.ts';
import type { Submission } from './json.ts';
import { planSlices, weightOf, type SliceLimits } from './plan-slices.ts';

export type Submissions = {
  /** Resolves once the batch is accepted; its slices go on the queue after that. */
  submit(owner: string, submission: Submission): Promise<BatchRecord>;
};

export type SubmitDependencies = {
  readonly batches: BatchStore;
  readonly dispatcher: Dispatcher;
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
  const { batches, dispatcher, limits } = dependencies;
  return {
    async submit(owner, submission) {
      const batch = toNewBatch(owner, submission, limits);
      await batches.create(batch);
      const slices = await saveParts(batches, batch.id, submission.entries, {
        size: limits.sliceSize,
        bytes: sliceBytes,
        priority: submission.defaults.priority ?? defaultPriority,
      });
      const sealed = await batches.seal(batch, submission.entries.length, slices);
      dispatcher.dispatch(sealed);
      return sealed;
    },
  };
};

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
  expiresInSeconds: submission.expiresIn ?? limits.expiresSeconds,
  retentionSeconds: submission.retention ?? limits.retentionSeconds,
});

/** Returns how many slices there are. */
const saveParts = async (
  batches: BatchStore,
  id: BatchId,
  entries: readonly Entry[],
  limits: SliceLimits,
): Promise<number> => {
  let firstSlice = 0;
  for (const part of partsOf(entries)) {
    const slices = planSlices(part, limits);
    await batches.savePart(id, { firstSlice, slices });
    firstSlice += slices.length;
    await yieldToOthers();
  }
  return firstSlice;
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
