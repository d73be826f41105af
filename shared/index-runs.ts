// Runs of consecutive indexes, as scripts take them: most requests of a slice, and most results of a segment, are neighbours.

export const bytesPerRun = 8;

/** Ascending indexes, each once → one buffer of (first, count) pairs, each an unsigned 32-bit big-endian number. */
export const encodeRuns = (indexes: readonly number[]): Buffer => {
  const runs = Buffer.allocUnsafe(indexes.length * bytesPerRun);
  let end = 0;
  let count = 0;
  let expected = -1;
  for (const index of indexes) {
    if (index !== expected) {
      end += bytesPerRun;
      runs.writeUInt32BE(index, end - bytesPerRun);
      count = 0;
    }
    count++;
    runs.writeUInt32BE(count, end - bytesPerRun / 2);
    expected = index + 1;
  }
  return runs.subarray(0, end);
};
