// A part of a batch on its way in: a run of its requests, cut into slices, and packed for the scripts that save it.
import { writeUnrecorded } from './locator.ts';
import type { SliceRequest } from './request.ts';
import { packSlice } from './slice.ts';

/** A run of consecutive indexes, cut into slices. Saving one twice is the same as once. */
export type BatchPart = {
  /** Number of the first slice; the others follow. */
  readonly firstSlice: number;
  readonly slices: readonly (readonly SliceRequest[])[];
};

export type PackedPart = {
  /** The lowest index. */
  readonly first: number;
  readonly total: number;
  readonly locators: Buffer;
  /** Number of a slice, its requests, ... */
  readonly packed: readonly (number | Buffer)[];
};

/** At once, so that nothing but the packed bytes is held until they are saved. */
export const packPart = ({ firstSlice, slices }: BatchPart): PackedPart => ({
  ...locatorsOf({ firstSlice, slices }),
  packed: slices.flatMap((slice, i) => [firstSlice + i, packSlice(slice)]),
});

const locatorsOf = ({ firstSlice, slices }: BatchPart): Omit<PackedPart, 'packed'> => {
  const first = Math.min(...slices.map((slice) => slice[0]?.index ?? Infinity));
  const total = slices.reduce((sum, { length }) => sum + length, 0);
  const sliceOf = new Uint32Array(total);
  for (const [i, slice] of slices.entries()) {
    for (const { index } of slice) sliceOf[index - first] = firstSlice + i;
  }
  return { first, total, locators: writeUnrecorded(total, (offset) => sliceOf[offset] ?? 0) };
};
