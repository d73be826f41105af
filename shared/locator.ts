// Where a request is: one unsigned 32-bit number per index, in the batch's `index` key. Pure.

/**
 * 0: no such request. With the highest bit: not recorded yet, its slice in the other 31 bits.
 * Otherwise: recorded, the number of its segment (from 1).
 */
export type Location =
  | { readonly at: 'nowhere' }
  | { readonly at: 'slice'; readonly slice: number }
  | { readonly at: 'segment'; readonly segment: number };

export const bytesPerLocator = 4;
const unrecordedBit = 0x8000_0000;

export const locate = (locator: number): Location => {
  if (locator === 0) return { at: 'nowhere' };
  return locator >= unrecordedBit
    ? { at: 'slice', slice: locator - unrecordedBit }
    : { at: 'segment', segment: locator };
};

/** Reads consecutive locators, as GETRANGE returns them; a cut one at the end is left out. */
export const readLocators = (bytes: Buffer): number[] =>
  Array.from({ length: Math.floor(bytes.length / bytesPerLocator) }, (_, i) => bytes.readUInt32BE(i * 4));

/** The locators of consecutive requests that are not recorded: `sliceOf(i)` is the slice of the i-th. */
export const writeUnrecorded = (length: number, sliceOf: (offset: number) => number): Buffer => {
  const bytes = Buffer.allocUnsafe(length * bytesPerLocator);
  for (let offset = 0; offset < length; offset++) {
    bytes.writeUInt32BE(unrecordedBit + sliceOf(offset), offset * bytesPerLocator);
  }
  return bytes;
};
