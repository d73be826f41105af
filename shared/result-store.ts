// Results in Redis: recorded in segments, first write wins; read by index or in the order of completion.
import type { BatchId } from './batch.ts';
import type { ResultOutcome, StoredResult } from './result.ts';

/** A place in the order of completion: results after it are those not seen yet. Whole numbers; 0 is before the first. */
export type Cursor = number;

export type ResultPage = {
  readonly results: readonly StoredResult[];
  /** Where to go on; given on every page, also the last one so far. */
  readonly next: Cursor;
  /** True where nothing stands behind `next` now and the batch has ended. */
  readonly isLast: boolean;
};

export type ResultQuery = {
  readonly after: Cursor;
  /** At most this many results; a page may be shorter before the end. */
  readonly limit: number;
  readonly outcome?: ResultOutcome | undefined;
};

export type ResultStore = {
  /** Results in the order of completion; those of a batch ended early come last, in index order. */
  page(id: BatchId, query: ResultQuery): Promise<ResultPage>;
  /** The result of one request; `pending` where there is none yet, undefined where there is no such index. */
  get(id: BatchId, index: number): Promise<StoredResult | 'pending' | undefined>;
};
