// Segments that were unpacked lately, for walks that come back to them. They never change, so none is ever stale.
import type { Columns } from './segment-columns.ts';

export type SegmentCache = {
  get(key: string): Columns | undefined;
  put(key: string, columns: Columns): void;
};

/** Drops what was not asked for the longest once all together weigh more than `maxBytes`, about. */
export const createSegmentCache = (maxBytes: number): SegmentCache => {
  const kept = new Map<string, Columns>(); // the one asked for last stands last
  let bytes = 0;
  const drop = (key: string): void => {
    const columns = kept.get(key);
    if (columns === undefined) return;
    kept.delete(key);
    bytes -= bytesOf(columns);
  };
  return {
    get(key) {
      const columns = kept.get(key);
      if (columns === undefined) return undefined;
      kept.delete(key);
      kept.set(key, columns);
      return columns;
    },
    put(key, columns) {
      drop(key);
      kept.set(key, columns);
      bytes += bytesOf(columns);
      for (const oldest of kept.keys()) {
        if (bytes <= maxBytes) return;
        drop(oldest);
      }
    },
  };
};

/** About what unpacked results take in memory, with what is made of them to write them. */
export const bytesOf = (columns: Columns): number =>
  columns[7].byteLength +
  3 * (columns[2].length + columns[5].reduce((sum, head) => sum + head.length, 0)) +
  bytesPerResult * columns[0].length +
  bytesPerRare * columns[13].length;

const bytesPerResult = 200;
const bytesPerRare = 1000;
