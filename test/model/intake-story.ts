// What an API does to bring in a batch, or more requests of one, part by part, as far as it needs to know for that.
import type { Append, Appended, AppendMark, AppendRefusal } from '../../shared/append-store.ts';
import type { Acceptance } from '../../shared/batch-intake.ts';
import type { BatchStore } from '../../shared/batch-store.ts';
import type { NewBatch } from '../../shared/batch.ts';
import type { IdempotencyClaim } from '../../shared/idempotency-store.ts';
import type { SliceRequest } from '../../shared/request.ts';

export type Submission = {
  readonly batch: NewBatch;
  readonly slices: readonly (readonly SliceRequest[])[];
  readonly inParts: boolean;
  /** It says after each part that more are coming. */
  readonly keeps: boolean;
  readonly claim: IdempotencyClaim | undefined;
  /** It asks first whether its key was used before. */
  readonly asks: boolean;
};

/** What is appended to an open batch. */
export type Addition = {
  /** How many requests are in each slice. */
  readonly counts: readonly number[];
  readonly mark: AppendMark | undefined;
  readonly keeps: boolean;
};

export const saveParts = async (
  batches: BatchStore,
  { batch, slices, claim, keeps }: Submission,
): Promise<Acceptance> => {
  // How many were left out is known at the end.
  const refusal = await batches.begin({ ...batch, duplicates: undefined }, claim);
  if (refusal !== undefined) return refusal;
  try {
    for (const [firstSlice, slice] of slices.entries()) {
      const refused = await batches.savePart(batch.id, { firstSlice, slices: [slice] }, claim);
      if (refused !== undefined) return refused;
      const late = keeps ? await batches.keep(batch.id, claim) : undefined;
      if (late !== undefined) return late;
    }
    return await batches.seal(batch, { total: slices.flat().length, slices: slices.length }, claim);
  } catch (error) {
    await batches.discard(batch.id, claim);
    throw error;
  }
};

export const saveAppended = async (
  append: Append,
  { counts, mark, keeps }: Addition,
): Promise<Appended | AppendRefusal> => {
  let index = append.total;
  for (const [place, count] of counts.entries()) {
    const slice = Array.from({ length: count }, () => requestOf(index++));
    const part = { firstSlice: append.slices + place, slices: [slice] };
    const refused = (await append.savePart(part)) ?? (keeps ? await append.keep() : undefined);
    if (refused !== undefined) return refused;
  }
  return await append.commit({ count: index - append.total, slices: append.slices + counts.length }, mark);
};

/** What is asked for says which request it is. */
export const requestOf = (index: number): SliceRequest => ({ index, url: `http://127.0.0.1:1/${index}` });
