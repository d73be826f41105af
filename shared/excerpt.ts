// Results of one segment, or of none, still in columns: what a page of results is made of.
import type { Cursor } from './cursor.ts';
import type { StoredResult } from './result.ts';
import { toColumns, type Columns } from './segment-columns.ts';

export type Excerpt = {
  readonly columns: Columns;
  /** Which of the results in `columns` are meant, in this order. */
  readonly places: readonly number[];
  /** The cursor behind the result at a place. */
  readonly cursorAt: (place: number) => Cursor;
};

/** Results that stand in no segment. */
export const toExcerpt = (
  results: readonly StoredResult[],
  cursorOf: (result: StoredResult) => Cursor,
): Excerpt => {
  const cursors = results.map(cursorOf);
  return {
    columns: toColumns(results),
    places: results.map((_, place) => place),
    cursorAt: (place) => cursors[place] ?? 0,
  };
};
