// Requests as they come → slices, saved part by part while the next ones are read. Holds a few parts, however many there are.
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Acceptance, BatchPart, BatchSize } from '../../shared/batch-intake.ts';
import type { Refusal } from '../../shared/idempotency-store.ts';
import type { SliceRequest } from '../../shared/request.ts';
import { toSliceRequest, type Entry } from './entry.ts';
import { planSlices, weightOf, type SliceLimits } from './plan-slices.ts';

/** Some at a time. */
export type EntrySource = Iterable<readonly Entry[]> | AsyncIterable<readonly Entry[]>;

/** Where requests go: into a batch that nobody sees before it is sealed. */
export type Destination = {
  /** All there is, in one step. */
  accept(slices: BatchPart['slices']): Promise<Acceptance>;
  begin(): Promise<Refusal | undefined>;
  /** Throws an ApiError where there is no room for more: a long submission may fill the store by itself. */
  admit(): Promise<void>;
  savePart(part: BatchPart): Promise<Refusal | undefined>;
  /** Says that parts are still coming, though none has for a while. */
  keep(): Promise<unknown>;
  seal(size: BatchSize): Promise<Acceptance>;
  discard(): Promise<void>;
};

// Bounds of one script call and of what is copied at a time; bodies may make a few requests heavy.
const partRequests = 5000;
const partBytes = 8_388_608;
/** Enough to have the next ones read, packed and on their way while Redis takes one in. */
const partsAtOnce = 3;
const keepEveryMs = 1500;

/** Takes all of `entries`; leaves nothing behind where that fails. */
export const takeIn = async (
  entries: EntrySource,
  destination: Destination,
  limits: SliceLimits,
): Promise<Acceptance> => {
  const parts = partsOf(entries);
  const first = await nextOf(parts);
  const second = await nextOf(parts);
  if (second === undefined)
    return await destination.accept(first === undefined ? [] : planSlices(first, limits));
  const refusal = await destination.begin();
  if (refusal !== undefined) return refusal;
  const keeping = setInterval(() => void destination.keep().catch(() => {}), keepEveryMs);
  let isAccepted = false;
  try {
    const acceptance = await saveParts(chain([first ?? [], second], parts), destination, limits);
    isAccepted = acceptance.is === 'accepted';
    return acceptance;
  } finally {
    clearInterval(keeping);
    // What would fill a full store further until it vanished by itself.
    if (!isAccepted) await destination.discard().catch(() => {});
  }
};

const nextOf = async <T>(values: AsyncGenerator<T>): Promise<T | undefined> => {
  const { value, done } = await values.next();
  return done === true ? undefined : value;
};

const chain = async function* <T>(before: readonly T[], after: AsyncIterable<T>): AsyncGenerator<T> {
  yield* before;
  yield* after;
};

const saveParts = async (
  parts: AsyncIterable<readonly SliceRequest[]>,
  destination: Destination,
  limits: SliceLimits,
): Promise<Acceptance> => {
  const underWay: Promise<Refusal | undefined>[] = [];
  let [total, firstSlice] = [0, 0];
  try {
    for await (const part of parts) {
      await destination.admit();
      const slices = planSlices(part, limits);
      const saving = destination.savePart({ firstSlice, slices });
      saving.catch(() => {}); // it is awaited below, and may fail before
      underWay.push(saving);
      [total, firstSlice] = [total + part.length, firstSlice + slices.length];
      const refusal = underWay.length < partsAtOnce ? undefined : await underWay.shift();
      if (refusal !== undefined) return refusal;
      await yieldToOthers();
    }
    for (const saving of underWay) {
      const refusal = await saving;
      if (refusal !== undefined) return refusal;
    }
    return await destination.seal({ total, slices: firstSlice });
  } finally {
    await Promise.allSettled(underWay);
  }
};

const partsOf = async function* (entries: EntrySource): AsyncGenerator<readonly SliceRequest[]> {
  let part: SliceRequest[] = [];
  let [index, bytes] = [0, 0];
  for await (const some of entries) {
    for (const entry of some) {
      const request = toSliceRequest(entry, index);
      part.push(request);
      index += 1;
      bytes += weightOf(request);
      if (part.length < partRequests && bytes < partBytes) continue;
      yield part;
      [part, bytes] = [[], 0];
    }
  }
  if (part.length > 0) yield part;
};
