// Requests as they come → slices, saved part by part while the next ones are read. Holds a few parts, however many there are.
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { BatchSize } from '../../shared/batch-intake.ts';
import type { BatchPart } from '../../shared/batch-part.ts';
import type { SliceRequest } from '../../shared/request.ts';
import { toSliceRequest, type Entry } from './entry.ts';
import { planSlices, weightOf, type SliceLimits } from './plan-slices.ts';

/** Some at a time. */
export type EntrySource = Iterable<readonly Entry[]> | AsyncIterable<readonly Entry[]>;

/** Where requests go; nobody sees them before the end. `R` says why they may not. */
export type Destination<A, R> = {
  /** The numbers of the first request and of the first slice; 0 where nothing was there before. */
  readonly start?: { readonly index: number; readonly slice: number };
  /** All there is, in one step. */
  accept(slices: BatchPart['slices']): Promise<A | R>;
  begin(): Promise<R | undefined>;
  /** Throws an ApiError where there is no room for more: a long submission may fill the store by itself. */
  admit(): Promise<void>;
  savePart(part: BatchPart): Promise<R | undefined>;
  /** Says that parts are still coming, though none has for a while. */
  keep(): Promise<unknown>;
  /** `total` and `slices` count what has come. */
  seal(size: BatchSize): Promise<A | R>;
  /** Where it was not sealed, whatever the reason; also where nothing was begun. */
  discard(): Promise<void>;
};

// Bounds of one script call and of what is copied at a time; bodies may make a few requests heavy.
const partRequests = 5000;
const partBytes = 8_388_608;
/** Enough to have the next ones read, packed and on their way while Redis takes one in. */
const partsAtOnce = 3;
const keepEveryMs = 1500;

/** Takes all of `entries`; leaves nothing behind where that fails. */
export const takeIn = async <A extends { readonly is: string }, R extends { readonly is: string }>(
  entries: EntrySource,
  destination: Destination<A, R>,
  limits: SliceLimits,
): Promise<A | R> => {
  const keeping = setInterval(() => void destination.keep().catch(() => {}), keepEveryMs);
  let isOver = false;
  try {
    const parts = partsOf(entries, destination.start?.index ?? 0);
    const outcome = await save(parts, destination, limits);
    isOver = outcome.is === 'accepted' || outcome.is === 'appended';
    return outcome;
  } finally {
    clearInterval(keeping);
    // What would fill a full store further until it vanished by itself.
    if (!isOver) await destination.discard().catch(() => {});
  }
};

/** In one step where it fits. */
const save = async <A, R>(
  parts: AsyncGenerator<readonly SliceRequest[]>,
  destination: Destination<A, R>,
  limits: SliceLimits,
): Promise<A | R> => {
  const first = (await nextOf(parts)) ?? [];
  const second = await nextOf(parts);
  if (second === undefined) return await destination.accept(planSlices(first, limits));
  const refusal = await destination.begin();
  return refusal ?? (await saveParts(chain([first, second], parts), destination, limits));
};

const nextOf = async <T>(values: AsyncGenerator<T>): Promise<T | undefined> => {
  const { value, done } = await values.next();
  return done === true ? undefined : value;
};

const chain = async function* <T>(before: readonly T[], after: AsyncIterable<T>): AsyncGenerator<T> {
  yield* before;
  yield* after;
};

const saveParts = async <A, R>(
  parts: AsyncIterable<readonly SliceRequest[]>,
  destination: Destination<A, R>,
  limits: SliceLimits,
): Promise<A | R> => {
  const underWay: Promise<R | undefined>[] = [];
  const start = destination.start?.slice ?? 0;
  let [total, firstSlice] = [0, start];
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
    return await destination.seal({ total, slices: firstSlice - start });
  } finally {
    await Promise.allSettled(underWay);
  }
};

const partsOf = async function* (
  entries: EntrySource,
  firstIndex: number,
): AsyncGenerator<readonly SliceRequest[]> {
  let part: SliceRequest[] = [];
  let [index, bytes] = [firstIndex, 0];
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
