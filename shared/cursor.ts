// Cursors over the results of a batch: whole numbers that only grow. Pure.
import { maxSegmentResults } from './segment.ts';

/** A place in the order of completion: results after it are those not seen yet; 0 is before the first. */
export type Cursor = number;

/** Where a cursor stands: so many results into a segment, or, past all segments, at an index never recorded. */
export type Place =
  | { readonly among: 'segments'; readonly segment: number; readonly taken: number }
  | { readonly among: 'unrecorded'; readonly index: number };

const stride = 1024;
const firstUnrecorded = 2 ** 52;

if (maxSegmentResults > stride) throw new Error('a cursor cannot address every result of a segment');

export const placeOf = (cursor: Cursor): Place =>
  cursor >= firstUnrecorded
    ? { among: 'unrecorded', index: cursor - firstUnrecorded }
    : { among: 'segments', segment: Math.floor(cursor / stride) + 1, taken: cursor % stride };

export const cursorOf = (place: Place): Cursor =>
  place.among === 'unrecorded' ? firstUnrecorded + place.index : (place.segment - 1) * stride + place.taken;
